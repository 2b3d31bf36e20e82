// Ctrl-C and `kill`: the first asks a command to end in good order, the second ends it at once.

const signals = ["SIGINT", "SIGTERM"] as const;

/** Returns what gives the signals back their usual meaning. */
export function onStop(stop: () => void): () => void {
  const release = () => {
    for (const signal of signals) process.off(signal, stopped);
  };
  // Without a listener the next one kills the process.
  const stopped = () => {
    release();
    stop();
  };
  for (const signal of signals) process.on(signal, stopped);
  return release;
}
