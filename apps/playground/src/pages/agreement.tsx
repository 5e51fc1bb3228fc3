/** Whether backends agree, on this machine. */
export function Agreement() {
  return (
    <main id="main" class="screen">
      <h1>Agreement</h1>
    </main>
  );
}
