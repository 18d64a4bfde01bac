"""Ask a language model one typed question, with limits, retries and errors in one place.

The rules: one request may take `timeout_seconds`, the question as a whole `deadline_seconds`. Blips (no connection,
5xx) are tried again a few times with growing pauses. "Too many requests" is waited for only when the pause is short;
a long one is raised for the scheduler. Every failure is raised as `Unavailable`, whose message names the kind
of failure, never the address, the key, or text of the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

from dayline.domain.errors import Unavailable
from dayline.llm.config import LanguageConfig

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from pydantic_ai import Agent

SHORT_WAIT_SECONDS = 3.0
"""Longest pause asked for by a server that is waited for here; longer ones are left to the scheduler."""

ANSWER_RETRIES = 3
QUOTE_RETRIES = 2

Out = TypeVar("Out", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Out]):
    """A parsed answer with its tokens and, where the price is known, its cost in US dollars."""

    output: Out
    input_tokens: int
    output_tokens: int
    cost_usd: float | None = None


class Chat:
    """Asks one model. Holds no connection between questions, so one instance may be used by many threads."""

    def __init__(self, config: LanguageConfig) -> None:
        if not config.model:
            raise ValueError("A language model needs a name: set the model.")
        self._config = config

    def ask(
        self, output_type: type[Out], instructions: str, prompt: str, check: Callable[[Out], str | None] | None = None
    ) -> Answer[Out]:
        """Ask and wait. `check` returns what is wrong with an answer, or None; the model may correct it twice.

        Raises `Unavailable`; `details` hold whether and when to retry.
        """
        self.prepare()
        return asyncio.run(self.ask_async(output_type, instructions, prompt, check))

    def prepare(self) -> None:
        """Load the library now. It takes seconds, which must not count against a question's deadline."""
        for name in ("openai", "pydantic_ai", "pydantic_ai.models.openai", "pydantic_ai.providers.openai"):
            import_module(name)

    async def ask_async(
        self, output_type: type[Out], instructions: str, prompt: str, check: Callable[[Out], str | None] | None = None
    ) -> Answer[Out]:
        """Like `ask`, for several questions at once."""
        # The library takes more than a second to load, and the rubric does not need it.
        from openai import OpenAIError
        from pydantic_ai.exceptions import AgentRunError, UserError

        try:
            async with asyncio.timeout(self._config.deadline_seconds), self._client() as client:
                agent = self._agent(client, output_type, instructions, check)
                return await self._with_retries(agent, prompt)
        except (AgentRunError, UserError, OpenAIError, OSError, ValueError, OverflowError, RecursionError) as failure:
            # `from None`: the library's errors carry the server's words.
            raise _unavailable(failure) from None

    def _client(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            # The protocol requires a key; local servers ignore it.
            api_key=self._config.api_key or "none",
            base_url=self._config.base_url or None,
            timeout=self._config.timeout_seconds,
            max_retries=0,
        )

    def _agent(
        self, client: AsyncOpenAI, output_type: type[Out], instructions: str, check: Callable[[Out], str | None] | None
    ) -> Agent[None, Out]:
        from pydantic_ai import Agent, ModelRetry, NativeOutput, PromptedOutput, RunContext, ToolOutput
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider
        from pydantic_ai.settings import ModelSettings

        config = self._config
        as_mode = {"schema": NativeOutput, "tool": ToolOutput, "json": PromptedOutput}[config.output_mode]
        agent: Agent[None, Out] = Agent(
            OpenAIChatModel(config.model, provider=OpenAIProvider(openai_client=client)),
            output_type=as_mode(output_type),
            instructions=instructions,
            deps_type=type(None),
            retries={"output": ANSWER_RETRIES},
            model_settings=ModelSettings(
                temperature=0.0, max_tokens=config.max_output_tokens, timeout=config.timeout_seconds
            ),
        )
        if check is not None:

            @agent.output_validator
            def _mend(context: RunContext[None], output: Out) -> Out:
                complaint = check(output)
                if complaint and context.retry < QUOTE_RETRIES:
                    raise ModelRetry(complaint)
                return output

        return agent

    async def _with_retries(self, agent: Agent[None, Out], prompt: str) -> Answer[Out]:
        from pydantic_ai import UsageLimits
        from pydantic_ai.exceptions import ModelAPIError

        tried = 0
        while True:
            try:
                result = await agent.run(prompt, usage_limits=UsageLimits(request_limit=ANSWER_RETRIES + 1))
            except ModelAPIError as failure:
                pause = self._pause(failure, tried)
                if pause is None:
                    raise
                tried += 1
                await asyncio.sleep(pause)
                continue
            usage = result.usage
            return Answer(result.output, usage.input_tokens, usage.output_tokens, _cost_usd(result.all_messages()))

    def _pause(self, failure: Exception, tried: int) -> float | None:
        """Return how long to wait before trying again here; None when it must not be tried here."""
        from pydantic_ai.exceptions import (
            ModelConnectionError,
            ModelRateLimitError,
            ModelServerError,
            ModelTimeoutError,
            ModelUnavailableError,
        )

        if tried >= self._config.blip_retries or isinstance(failure, ModelTimeoutError):
            return None
        if not isinstance(
            failure, ModelRateLimitError | ModelServerError | ModelUnavailableError | ModelConnectionError
        ):
            return None
        asked = failure.retry_after
        if asked is None:
            return self._config.blip_wait_seconds * 4**tried
        return max(0.0, asked) if asked <= SHORT_WAIT_SECONDS else None


def _cost_usd(messages: Sequence[object]) -> float | None:
    """Return what the answers cost in US dollars by the library's price list; None for a model that is not on it."""
    from pydantic_ai.messages import ModelResponse

    total = 0.0
    for message in messages:
        if isinstance(message, ModelResponse):
            try:
                total += float(message.cost().total_price)
            except (LookupError, AssertionError, ValueError):
                return None
    return total


def _unavailable(failure: BaseException) -> Unavailable:
    """Return the error to raise for a failure of the library. It never quotes the server."""
    from pydantic_ai.exceptions import (
        ModelAPIError,
        ModelAuthenticationError,
        ModelConnectionError,
        ModelContextWindowExceededError,
        ModelNotFoundError,
        ModelQuotaExceededError,
        ModelRateLimitError,
        ModelRequestRejectedError,
        ModelTimeoutError,
    )

    lasting = (
        (ModelAuthenticationError, "refused the key; check the key of the language model", "refused_key"),
        (ModelNotFoundError, "does not have this model; check its name and the base URL", "unknown_model"),
        (ModelContextWindowExceededError, "cannot take that much text; lower the window", "too_long"),
        (ModelQuotaExceededError, "reports that its quota is used up", "quota"),
        (ModelRequestRejectedError, "refused the request; check model and output mode", "refused_request"),
    )
    for kind, words, reason in lasting:
        if isinstance(failure, kind):
            return Unavailable(f"The language model's server {words}.", retryable=False, reason=reason)
    if isinstance(failure, ModelRateLimitError):
        return Unavailable(
            "The language model's server has too many requests; try again later.",
            retryable=True,
            retry_after_seconds=failure.retry_after,
            reason="rate_limit",
        )
    if isinstance(failure, ModelTimeoutError | TimeoutError):
        return Unavailable("The language model did not answer in time.", retryable=True, reason="time_out")
    if isinstance(failure, ModelConnectionError):
        return Unavailable("The language model's server cannot be reached.", retryable=True, reason="unreachable")
    if isinstance(failure, ModelAPIError):
        return Unavailable("The language model's server failed.", retryable=True, reason="server_failed")
    return Unavailable("The language model gave no usable answer.", retryable=True, reason="unusable_answer")
