// Rows in columns, as wide as what stands in them.

/** Columns of numbers are aligned to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
  }
  const isNumber = widths.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        isNumber[column] ? String(cell).padStart(widths[column]!) : String(cell).padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
