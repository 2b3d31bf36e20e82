// A scenario has a short form, which is a test among others, and a full one, which proves more and takes its time:
// `npm run scenario -- NAME`. The figures that it prints are the same.

/** True: the full form. */
export const full = process.env.REPRISE_SCENARIO === "full";

export const form = <A>(forms: { short: A; full: A }): A => (full ? forms.full : forms.short);

/** Prints a line of figures. */
export function figure(what: string, value: string): void {
  console.log(`  ${what.padEnd(34)} ${value}`);
}
