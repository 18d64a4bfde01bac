import { en, type Words } from "./en";

/** Lengthen every text by about 40 %, to find places where longer languages would not fit. */
function pseudo<T>(value: T): T {
  if (typeof value === "string")
    return `[${value.replace(/\S+/g, (word) => word + "~".repeat(Math.ceil(word.length * 0.4)))}]` as T;
  if (typeof value === "function") {
    const make = value as unknown as (...args: unknown[]) => unknown;
    return ((...args: unknown[]) => pseudo(make(...args))) as T;
  }
  if (Array.isArray(value)) return value.map(pseudo) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, pseudo(entry)])) as T;
  }
  return value;
}

const isPseudo = new URLSearchParams(globalThis.location?.search ?? "").get("locale") === "pseudo";

/** The words of the interface. */
export const w: Words = isPseudo ? pseudo(en) : en;
