import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { App, NotFound } from "./app";

type Raw = Record<string, unknown>;

/** The named parameters of an address, as texts; what else stands there is left out. */
const search =
  <Name extends string>(...names: Name[]) =>
  (raw: Raw): { [name in Name]?: string } => {
    const found: { [name in Name]?: string } = {};
    for (const name of names) {
      const value = raw[name];
      if (typeof value === "string" && value !== "") found[name] = value;
      else if (typeof value === "number") found[name] = String(value);
    }
    return found;
  };

const root = createRootRoute({ component: App, notFoundComponent: NotFound });

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/days", search: {} });
  },
});

const days = createRoute({
  getParentRoute: () => root,
  path: "/days",
  validateSearch: search("org", "rep", "status", "from", "to"),
  component: lazyRouteComponent(() => import("./days/DaysPage"), "DaysPage"),
});

const day = createRoute({
  getParentRoute: () => root,
  path: "/days/$id",
  validateSearch: search("t", "z", "seg", "view"),
  component: lazyRouteComponent(() => import("./day/DayPage"), "DayPage"),
});

const conversation = createRoute({
  getParentRoute: () => root,
  path: "/days/$id/conversations/$seg",
  validateSearch: search("t", "analysis"),
  component: lazyRouteComponent(() => import("./conversation/ConversationPage"), "ConversationPage"),
});

const team = createRoute({
  getParentRoute: () => root,
  path: "/team",
  validateSearch: search("org"),
  component: lazyRouteComponent(() => import("./rep/TeamPage"), "TeamPage"),
});

const rep = createRoute({
  getParentRoute: () => root,
  path: "/reps/$org/$rep",
  component: lazyRouteComponent(() => import("./rep/RepPage"), "RepPage"),
});

const playbooks = createRoute({
  getParentRoute: () => root,
  path: "/playbooks",
  validateSearch: search("org", "id"),
  component: lazyRouteComponent(() => import("./playbooks/PlaybooksPage"), "PlaybooksPage"),
});

const searchPage = createRoute({
  getParentRoute: () => root,
  path: "/search",
  validateSearch: search("q", "org", "rep", "since"),
  component: lazyRouteComponent(() => import("./search/SearchPage"), "SearchPage"),
});

const operator = createRoute({
  getParentRoute: () => root,
  path: "/operator",
  validateSearch: search("part", "id"),
  component: lazyRouteComponent(() => import("./operator/OperatorPage"), "OperatorPage"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./account/AccountPage"), "AccountPage"),
});

const upload = createRoute({
  getParentRoute: () => root,
  path: "/upload",
  component: lazyRouteComponent(() => import("./upload/UploadPage"), "UploadPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./signin/SignInPage"), "SignInPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    index,
    days,
    day,
    conversation,
    team,
    rep,
    playbooks,
    searchPage,
    operator,
    account,
    upload,
    signIn,
  ]),
  basepath: "/console",
  defaultPreload: false,
  scrollRestoration: true,
  // Plain text in addresses instead of JSON, so that people can read and write them: ?t=2:14:03
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const query = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
    return query ? `?${query.replaceAll("%3A", ":")}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
