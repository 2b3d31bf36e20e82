// The calls of a buffer's methods that are under way: refused once the buffer is closing, waited for before it is closed.

import { closed } from "../../redis/connection.js";
import { RepriseError, toRepriseError } from "../../wire/errors.js";

export interface Calls {
  /** Rejects with RepriseError, its message preceded by `what`. */
  run<T>(what: string, call: () => Promise<T>): Promise<T>;
  /** From now on calls are refused. Waits for those under way, but not longer than this. */
  end(patienceMs: number): Promise<void>;
}

export function createCalls(): Calls {
  const underWay = new Set<Promise<unknown>>();
  let ending = false;
  return {
    async run(what, call) {
      if (ending) throw closed();
      const result = call();
      underWay.add(result);
      try {
        return await result;
      } catch (thrown) {
        const error = toRepriseError(thrown);
        if (error.code === "closed") throw error;
        throw new RepriseError(error.code, `${what}: ${error.message}`, error.cause ? { cause: error.cause } : {});
      } finally {
        underWay.delete(result);
      }
    },
    async end(patienceMs) {
      ending = true;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, patienceMs);
      });
      await Promise.race([Promise.allSettled(underWay), patience]);
      clearTimeout(timer);
    },
  };
}
