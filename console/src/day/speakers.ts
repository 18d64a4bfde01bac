import { w } from "../words";

/** A voice's name: as a person gave it, "Rep" for the rep, else its number as the API counts it. */
export function speakerName(speaker: string | null, names: Record<string, string>): string {
  if (speaker === null) return "";
  const given = names[speaker];
  if (given) return given;
  if (speaker === "REP") return w.day.rep;
  const number = /^SPEAKER_(\d+)$/.exec(speaker);
  return number ? w.day.voice(Number(number[1])) : speaker;
}

/** A reason as the API words it, with voices named as the transcript names them. */
export function withNames(text: string, names: Record<string, string>): string {
  return text.replace(/\bSPEAKER_\d+\b/g, (label) => speakerName(label, names));
}
