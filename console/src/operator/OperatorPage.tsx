import { Link, useSearch } from "@tanstack/react-router";
import { useTitle } from "../ui/parts";
import { w } from "../words";
import { Keys, Partners, Queue, SignInsOfAll, Workers } from "./Admin";
import { Webhooks } from "./Webhooks";

type Part = keyof typeof w.operator.sections;

export function OperatorPage() {
  useTitle(w.operator.title);
  const search = useSearch({ from: "/operator" });
  const part: Part = search.part && search.part in w.operator.sections ? (search.part as Part) : "webhooks";
  return (
    <div className="page stack loose">
      <h1>{w.operator.title}</h1>
      <nav className="tabs" aria-label={w.operator.title}>
        {(Object.keys(w.operator.sections) as Part[]).map((name) => (
          <Link key={name} to="/operator" search={{ part: name }} aria-current={name === part ? "page" : undefined}>
            {w.operator.sections[name]}
          </Link>
        ))}
      </nav>
      {part === "webhooks" && <Webhooks openId={search.id} />}
      {part === "queue" && <Queue />}
      {part === "workers" && <Workers />}
      {part === "keys" && <Keys />}
      {part === "partners" && <Partners />}
      {part === "signins" && <SignInsOfAll />}
    </div>
  );
}
