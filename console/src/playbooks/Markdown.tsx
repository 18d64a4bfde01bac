import type { ReactNode } from "react";

/** Headings, lists, paragraphs, strong and emphasis of Markdown, as elements. HTML in it stays text. */
export function Markdown({ text }: { text: string }) {
  const blocks: ReactNode[] = [];
  let items: ReactNode[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (items.length > 0) blocks.push(<ul key={blocks.length}>{items}</ul>);
    if (paragraph.length > 0) blocks.push(<p key={blocks.length}>{inline(paragraph.join(" "))}</p>);
    items = [];
    paragraph = [];
  };
  for (const line of text.split("\n")) {
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line);
    if (heading) {
      flush();
      const Level = heading[1]!.length === 1 ? "h3" : "h4";
      blocks.push(<Level key={blocks.length}>{inline(heading[2]!)}</Level>);
    } else if (item) {
      if (paragraph.length > 0) flush();
      items.push(<li key={items.length}>{inline(item[1]!)}</li>);
    } else if (line.trim() === "") flush();
    else {
      if (items.length > 0) flush();
      paragraph.push(line.trim());
    }
  }
  flush();
  return (
    <div className="markdown" dir="auto">
      {blocks}
    </div>
  );
}

function inline(text: string): ReactNode[] {
  return text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).map((part, index) => {
    const key = `${index} ${part}`;
    if (/^\*\*.+\*\*$/.test(part)) return <strong key={key}>{part.slice(2, -2)}</strong>;
    if (/^\*.+\*$/.test(part)) return <em key={key}>{part.slice(1, -1)}</em>;
    if (/^`.+`$/.test(part)) return <code key={key}>{part.slice(1, -1)}</code>;
    return part;
  });
}
