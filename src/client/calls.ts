// Unary calls beside the stream, on the same connection: pages of history, channels. All of them only read, so they are
// tried again until they are answered or their time is over.
import type { MethodDefinition, ServiceError } from "@grpc/grpc-js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { onAbort } from "./abort.js";
import { createBackoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { onDeadline } from "./deadline.js";
import { errorOfStatus } from "./remote-error.js";
import type { StateCell } from "./state.js";

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Default: 10,000. */
  timeoutMs?: number | undefined;
}

type Method<Q, A> = Pick<MethodDefinition<Q, A>, "path" | "requestSerialize" | "responseDeserialize">;

/** Makes one unary call, over whichever connection there is or comes. */
export type Call = <Q, A>(method: Method<Q, A>, request: Q, options: CallOptions) => Promise<A>;

const defaultTimeoutMs = 10_000;

export function createCall(link: { readonly connection: Connection | undefined }, state: StateCell): Call {
  return async (method, request, { signal, timeoutMs = defaultTimeoutMs }) => {
    const deadline = Date.now() + timeoutMs;
    const backoff = createBackoff();
    for (;;) {
      const connection = await connected(link, state, deadline, signal);
      try {
        return await callOnce(connection, method, request, deadline, signal);
      } catch (thrown) {
        if (!(thrown instanceof RepriseError) || !thrown.retryable) throw thrown;
        // A node that says when it has time is taken at its word.
        const waitMs = backoff.failed(thrown.retryAfterMs).delayMs;
        if (Date.now() + waitMs >= deadline) throw thrown;
        await pause(waitMs, signal);
      }
    }
  };
}

/** Waits for a connection; rejects when the bus closes or fails, or the time is over. */
function connected(
  link: { readonly connection: Connection | undefined },
  state: StateCell,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stop();
      ignore();
      forget();
      settle();
    };
    const look = () => {
      const { connection } = link;
      const { current } = state;
      if (connection !== undefined) end(() => resolve(connection));
      else if (current.kind === "closed") end(() => reject(new RepriseError("closed", "the bus was closed")));
      else if (current.kind === "failed") end(() => reject(current.error));
    };
    const late = () => end(() => reject(new RepriseError("deadline_exceeded", "not connected in time")));
    const stop = onDeadline(Math.max(0, deadline - Date.now()), late);
    let forget = () => {};
    const ignore = state.listen(look);
    forget = onAbort(signal, (error) => end(() => reject(error)));
    look();
  });
}

function callOnce<Q, A>(
  { client, address, metadata }: Connection,
  method: Method<Q, A>,
  request: Q,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<A> {
  return new Promise((resolve, reject) => {
    let aborted: RepriseError | undefined;
    let forget = () => {};
    const answered = (error: ServiceError | null, answer?: A) => {
      forget();
      if (error) reject(aborted ?? errorOfStatus(error, address));
      else resolve(answer!);
    };
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline };
    const own = metadata.clone();
    try {
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        own,
        options,
        answered,
      );
      forget = onAbort(signal, (error) => {
        aborted = error;
        call.cancel();
      });
    } catch (thrown) {
      // gRPC throws if the connection was closed since we were given it: there will be another one.
      reject(toRepriseError(thrown, "unavailable"));
    }
  });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    let forget = () => {};
    forget = onAbort(signal, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
