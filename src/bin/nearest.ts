// The word that somebody may have meant.

/** Undefined: none is near. Capitals and the sign between parts of a word make no difference. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const letters = plain(word);
  const [best] = known
    .map((one) => ({ one, distance: distance(letters, plain(one)) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, letters.length / 4) ? best.one : undefined;
}

/** @returns what is said of it, with the key that may be meant or with all that there are */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  const said = `${JSON.stringify(key.slice(0, 60))} is no key`;
  if (meant !== undefined) return `${said}; is ${meant} meant?`;
  return `${said}; there are ${[...known].sort().join(", ")}`;
}

const plain = (word: string): string => word.toLowerCase().replace(/[-_.]/g, "");

/** Letters to add, to remove, to replace, and neighbours to swap, until `a` is `b`. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? rows[i - 2]![j - 2]! + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, rows[i - 1]![j]! + 1, row[j - 1]! + 1));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
