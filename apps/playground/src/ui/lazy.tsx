/** Screens whose code is fetched when they are opened. */
import { useEffect, useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';

/** @param load - gives the component; a failure is shown with a button that tries again */
export function lazy(load: () => Promise<FunctionComponent>): FunctionComponent {
  return function Lazy() {
    const [loaded, setLoaded] = useState<{ readonly component: FunctionComponent } | null>(null);
    const [failure, setFailure] = useState<string | null>(null);
    const [round, setRound] = useState(0);
    useEffect(() => {
      setFailure(null);
      load().then(
        (component) => setLoaded({ component }),
        (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
      );
    }, [round]);
    if (loaded) return <loaded.component />;
    if (failure === null) return <p class="waiting">Loading …</p>;
    return (
      <main id="main" class="screen">
        <p role="alert">This screen could not be loaded: {failure}</p>
        <button type="button" onClick={() => setRound(round + 1)}>
          Try again
        </button>
      </main>
    );
  };
}
