// Room for garbage. V8 collects all of it whenever the heap, and the buffers outside that it holds on to, have grown by a
// certain part of the heap's own size. A node has a small heap, 15 MB, and the buffers of one second of traffic are many
// times that: it would collect ten times a second and spend a third of its CPU on it (docs/performance.md).
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** How much may be added before all is collected. Buffers alone, however large the heap is, may not grow by more. */
const roomBytes = 64 * 1024 * 1024;

/** How often the heap is looked at. */
const lookMs = 1_000;

/** Gives this process room, as long as its heap is so small that V8 itself would not. */
export function giveHeapRoom(): void {
  let given: number | undefined;
  const give = () => {
    const used = getHeapStatistics().used_heap_size;
    // In steps, so that it is not set anew each time. 0 is V8's own choice.
    const percent = used < roomBytes ? Math.round((10 * roomBytes) / used) * 10 : 0;
    if (percent === given) return;
    given = percent;
    // V8 reads it at the end of each collection.
    setFlagsFromString(`--heap-growing-percent=${percent}`);
  };
  give();
  setInterval(give, lookMs).unref();
}
