// A hot function by itself, as the runner (../micro.ts) and the test see it.

export interface Micro {
  name: string;
  /** What one call does of something: 100 messages, 1,000 deliveries. */
  per: number;
  unit: string;
  prepare(): Prepared | Promise<Prepared>;
}

export interface Prepared {
  /** What it returns is not looked at, and yet must be made. */
  run(): unknown;
  end?(): Promise<void> | void;
}

/** In a file of its own name, in the order in which they are run. */
export const files = ["wire", "client", "broker", "buffer"] as const;

export async function all(): Promise<Micro[]> {
  const modules = await Promise.all(
    files.map(async (file) => (await import(`./${file}.js`)) as { micros: readonly Micro[] }),
  );
  return modules.flatMap(({ micros }) => micros);
}
