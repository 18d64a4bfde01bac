/** The frame around every view: navigation, player, sign-in over the page, drop of files, keys. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { type DragEvent, lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { ApiError, onUnauthorised } from "./api/client";
import { useMay } from "./api/may";
import { meQuery } from "./api/me";
import { api } from "./api/typed";
import { useOpened } from "./player/opened";
import { SignInForm } from "./signin/SignInForm";
import { useKeys } from "./ui/keys";
import { Dialog, Empty, LiveRegion, Menu, Problem, Toasts, toast, useTitle } from "./ui/parts";
import { setTheme, type Theme, useTheme } from "./ui/theme";
import { w } from "./words";

const Player = lazy(async () => ({ default: (await import("./player/Player")).Player }));
const KeySheet = lazy(async () => ({ default: (await import("./ui/KeySheet")).KeySheet }));

export function App() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isSignIn = path.endsWith("/sign-in");
  const [sheet, setSheet] = useState(false);
  const navigate = useNavigate();
  useKeys([
    { keys: ["?"], group: "go", text: w.keys.title, run: () => setSheet(true) },
    { keys: ["/"], group: "go", text: w.app.search, run: () => void navigate({ to: "/search", search: {} }) },
    { keys: ["g d"], group: "go", text: w.app.days, run: () => void navigate({ to: "/days", search: {} }) },
    { keys: ["g r", "g t"], group: "go", text: w.app.team, run: () => void navigate({ to: "/team", search: {} }) },
    { keys: ["g p"], group: "go", text: w.app.playbooks, run: () => void navigate({ to: "/playbooks", search: {} }) },
    { keys: ["g o"], group: "go", text: w.app.operator, run: () => void navigate({ to: "/operator", search: {} }) },
  ]);
  if (isSignIn) {
    return (
      <main id="content" className="signin-page">
        <Outlet />
        <Toasts />
      </main>
    );
  }
  return (
    <DropZone>
      <a className="skip" href="#content">
        {w.app.skip}
      </a>
      <Bar onKeys={() => setSheet(true)} />
      <Offline />
      <Guarded />
      <PlayerSlot />
      <Toasts />
      <LiveRegion />
      <SignInAgain />
      <Suspense fallback={null}>{sheet && <KeySheet onClose={() => setSheet(false)} />}</Suspense>
    </DropZone>
  );
}

/** The player is loaded with the first recording that is opened. */
function PlayerSlot() {
  const isOpen = useOpened();
  return <Suspense fallback={null}>{isOpen && <Player />}</Suspense>;
}

/** While the device has no network: calls wait, and go on by themselves when it is back. */
function Offline() {
  const isOnline = useSyncExternalStore(
    (listener) => {
      addEventListener("online", listener);
      addEventListener("offline", listener);
      return () => {
        removeEventListener("online", listener);
        removeEventListener("offline", listener);
      };
    },
    () => navigator.onLine,
  );
  return <div role="status">{!isOnline && <p className="banner warn offline no-print">{w.app.offline}</p>}</div>;
}

function Guarded() {
  const me = useQuery(meQuery);
  if (me.error instanceof ApiError && me.error.status === 401) {
    return (
      <main id="content" className="page">
        <div className="signin-card">
          <SignInForm />
        </div>
      </main>
    );
  }
  if (me.error) {
    return (
      <main id="content" className="page">
        <Problem isPage error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  }
  return (
    <main id="content" tabIndex={-1}>
      {me.data && <Outlet />}
    </main>
  );
}

function Bar({ onKeys }: { onKeys: () => void }) {
  const me = useQuery(meQuery);
  const theme = useTheme();
  const navigate = useNavigate();
  const client = useQueryClient();
  const signOut = async () => {
    try {
      await api.remove("/v1/console/session");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    client.clear();
    toast(w.signin.signedOut);
    void navigate({ to: "/sign-in" });
  };
  const may = useMay();
  return (
    <header className="bar no-print">
      <Link to="/days" search={{}} className="brand">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="24" height="24" />
        <span>{w.app.name}</span>
      </Link>
      <nav aria-label={w.app.nav} className="nav">
        <Link to="/days" search={{}}>
          {w.app.days}
        </Link>
        <Link to="/team" search={{}}>
          {w.app.team}
        </Link>
        {may.readPlaybooks && (
          <Link to="/playbooks" search={{}}>
            {w.app.playbooks}
          </Link>
        )}
        <Link to="/search" search={{}}>
          {w.app.search}
        </Link>
        {may.operate && (
          <Link to="/operator" search={{}}>
            {w.app.operator}
          </Link>
        )}
      </nav>
      <div className="row bar-end">
        {me.data?.environment === "sandbox" && <span className="badge wide-only">{w.app.sandbox}</span>}
        {may.submit && (
          <Link to="/upload" className="button wide-only">
            {w.app.upload}
          </Link>
        )}
        <Menu quiet label={me.data?.name ?? me.data?.partner?.name ?? w.app.account} name={w.app.account}>
          {(close) => (
            <>
              {may.submit && (
                <Link to="/upload" role="menuitem" tabIndex={-1} onClick={close} className="narrow-only">
                  {w.app.upload}
                </Link>
              )}
              <Link to="/account" role="menuitem" tabIndex={-1} onClick={close}>
                {w.app.account}
              </Link>
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                onClick={() => {
                  close();
                  onKeys();
                }}
              >
                {w.app.keys}
              </button>
              {(Object.keys(w.app.themes) as Theme[]).map((name) => (
                <button
                  key={name}
                  type="button"
                  role="menuitemradio"
                  tabIndex={-1}
                  aria-checked={theme === name}
                  onClick={() => setTheme(name)}
                >
                  {w.app.theme}: {w.app.themes[name]}
                </button>
              ))}
              <button type="button" role="menuitem" tabIndex={-1} onClick={() => void signOut()}>
                {w.app.signOut}
              </button>
            </>
          )}
        </Menu>
      </div>
    </header>
  );
}

/** When a sign-in ends while a page is open: sign in over the page, so that drafts stay. */
function SignInAgain() {
  const [needed, setNeeded] = useState(false);
  const client = useQueryClient();
  useEffect(
    () =>
      onUnauthorised(() => {
        // At the first visit there is nothing to keep: the page itself shows the form.
        if (client.getQueryData(meQuery.queryKey)) setNeeded(true);
      }),
    [client],
  );
  return (
    <Dialog title={w.signin.title} open={needed} onClose={() => setNeeded(false)}>
      <p>{w.signin.ended}</p>
      <SignInForm
        onDone={() => {
          setNeeded(false);
          void client.invalidateQueries();
        }}
      />
    </Dialog>
  );
}

/** Recordings may be dropped anywhere. */
function DropZone({ children }: { children: React.ReactNode }) {
  const [over, setOver] = useState(false);
  const navigate = useNavigate();
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; files are also chosen by a button
    <div
      className="app"
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        if (!over) setOver(true);
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!hasFiles(event)) return;
        event.preventDefault();
        const files = [...event.dataTransfer.files];
        void import("./upload/store").then((store) => store.addFiles(files));
        void navigate({ to: "/upload" });
      }}
    >
      {children}
      {over && <div className="drop-over">{w.upload.dropAnywhere}</div>}
    </div>
  );
}

export function NotFound() {
  useTitle(w.app.notFound);
  return (
    <div className="page">
      <Empty title={w.app.notFound} isPage>
        <Link to="/days" search={{}}>
          {w.app.backToDays}
        </Link>
      </Empty>
    </div>
  );
}
