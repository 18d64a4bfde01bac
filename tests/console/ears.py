"""What the browser really plays, measured in samples of its sound and so independent of the machine's speed.

An AudioWorklet behind the page's audio element counts the samples that come out of it. A block of nothing but zeros is
not counted: the recordings of these tests hold noise throughout, so such a block is a gap in which the browser had
nothing to play, or sound that has not begun.
"""

from __future__ import annotations

import json

from playwright.sync_api import BrowserContext, Page

from tests.console.conftest import Console, until

_LOUD = 0.25
_WORKLET = f"""
registerProcessor("ears", class extends AudioWorkletProcessor {{
    constructor() {{
        super();
        this.samples = 0;
        this.heard = true;
        this.port.onmessage = ({{data}}) => {{
            if (data === "start") {{ this.samples = 0; this.heard = false; }}
            else this.port.postMessage({{played: this.samples / sampleRate}});
        }};
    }}
    process([input]) {{
        const block = input[0];
        if (!block || block.every(one => one === 0)) return true;
        const at = this.heard ? -1 : block.findIndex(one => Math.abs(one) > {_LOUD});
        if (at >= 0) {{
            this.heard = true;
            this.port.postMessage({{beep: (this.samples + at) / sampleRate}});
        }}
        this.samples += block.length;
        return true;
    }}
}});
"""
_PAGE = f"""
const Made = window.Audio;
window.audios = [];
// How the element stood whenever it was told to play.
window.plays = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {{
    window.plays.push({{opened: this.readyState > 0, seeking: this.seeking, seconds: this.currentTime}});
    return play.call(this);
}};
window.told = {{}};
window.listen = async () => {{
    if (!window.ears) {{
        const context = new AudioContext();
        await context.resume();
        const code = new Blob([{json.dumps(_WORKLET)}], {{type: "text/javascript"}});
        await context.audioWorklet.addModule(URL.createObjectURL(code));
        window.ears = new AudioWorkletNode(context, "ears");
        window.ears.connect(context.destination);
        window.ears.port.onmessage = event => Object.assign(window.told, event.data);
        window.audios.forEach(attach);
    }}
    window.told = {{}};
    window.ears.port.postMessage("start");
}};
const attach = audio => window.ears.context.createMediaElementSource(audio).connect(window.ears);
window.Audio = function (...given) {{
    const made = new Made(...given);
    window.audios.push(made);
    if (window.ears) attach(made);
    return made;
}};
"""


def hearing(console: Console) -> BrowserContext:
    """A context whose pages hear what their audio element plays. The policy against foreign code is off in it."""
    context = console.context("production", bypass_csp=True)
    context.add_init_script(_PAGE)
    return context


def play_until_beep(page: Page) -> tuple[float, float]:
    """Play until a beep sounds, then pause; return the seconds of sound until the beep and until the pause."""
    page.evaluate("window.listen()")
    page.keyboard.press("k")
    until(page, "window.told.beep !== undefined")
    page.keyboard.press("k")
    until(page, "window.audios[0].paused")
    page.evaluate("window.ears.port.postMessage('stop')")
    until(page, "window.told.played !== undefined")
    return page.evaluate("window.told.beep"), page.evaluate("window.told.played")
