import { useQuery } from "@tanstack/react-query";

/** What to do about an error code, from the service's own page of that code. Null while unknown. */
export function useRemedy(code: string | null): string | null {
  const page = useQuery({
    queryKey: ["remedy", code],
    queryFn: async ({ signal }) => {
      const answer = await fetch(`/docs/errors/${code}`, { signal });
      if (!answer.ok) return null;
      return remedyOf(await answer.text());
    },
    enabled: code !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return page.data ?? null;
}

/** The paragraph after the heading "What to do", or the last one. The page is read as data, never put into this one. */
export function remedyOf(html: string): string | null {
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (!main) return null;
  const heading = [...main.querySelectorAll("h2, h3, strong")].find((element) =>
    /what to do|remedy/i.test(element.textContent),
  );
  const paragraph = heading?.nextElementSibling ?? [...main.querySelectorAll("p")].at(-1);
  return paragraph?.textContent?.trim() || null;
}
