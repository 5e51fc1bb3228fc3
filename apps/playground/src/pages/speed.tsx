/** How fast backends are, on this machine. */
export function Speed() {
  return (
    <main id="main" class="screen">
      <h1>Speed</h1>
    </main>
  );
}
