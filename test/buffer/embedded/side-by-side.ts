/** Calls `check` for every item, 16 at a time: most of the time goes into waiting for the disk. */
export async function sideBySide<Item>(items: Iterable<Item>, check: (item: Item) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const work = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await check(next.value);
  };
  await Promise.all(Array.from({ length: 16 }, work));
}
