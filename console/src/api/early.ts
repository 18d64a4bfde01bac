/** Answers that the first view needs, asked for while the code that shows them is still being loaded. */

const answers = new Map<string, Promise<Response>>();

/** Ask for an address now. The first call of it takes the answer: see `takeEarly`. */
export function askEarly(address: string): Promise<Response> {
  const answer = fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  // An answer that nobody takes may fail: whoever needs it asks again and reports the failure.
  answer.catch(() => undefined);
  answers.set(address, answer);
  return answer;
}

/** The early answer of an address, once. Null where there is none or where it is an error: then it is asked for again. */
export async function takeEarly(address: string): Promise<Response | null> {
  const answer = answers.get(address);
  if (!answer) return null;
  answers.delete(address);
  try {
    const response = await answer;
    if (response.ok) return response;
    // A body that nobody reads keeps its request open.
    await response.body?.cancel();
    return null;
  } catch {
    return null;
  }
}
