// Calls to one of several endpoints of etcd: which one, over which connection, and what their failures mean.
import { Client, Metadata, type MethodDefinition, type ServiceError, type StatusObject, status } from "@grpc/grpc-js";
import type { Handshake } from "../tls/handshake.js";
import { decode, type Shape } from "../wire/decode.js";
import { RepriseError } from "../wire/errors.js";

type Method<Q> = Pick<MethodDefinition<Q, unknown>, "path" | "requestSerialize">;
type Type<A> = { deserializeBinary(bytes: Uint8Array): A };

/** Calls to one endpoint, within one time limit. */
export interface Call {
  /** @throws EtcdFailure */
  unary<Q, A>(method: Method<Q>, request: Q, type: Type<A>, shape: Shape): Promise<A>;
  /** One request on a stream, and its answer. */
  stream<Q, A>(method: Method<Q>, request: Q, type: Type<A>, shape: Shape): Promise<A>;
}

export type Ask<A> = (call: Call) => Promise<A>;

/**
 * `away`: this endpoint cannot answer now, another one might. `token`: the token is not known (any more). `not found`:
 * what was asked for does not exist. `no authentication`: nobody needs a token here. `refused`: whatever else etcd says.
 */
type Kind = "away" | "token" | "not found" | "no authentication" | "refused";

export class EtcdFailure extends Error {
  readonly kind: Kind;

  constructor({ code, details }: Pick<StatusObject, "code" | "details">, endpoint: string) {
    super(details.includes(endpoint) ? details : `${endpoint}: ${details}`);
    this.kind = kindOf(code, details);
  }
}

function kindOf(code: status, details: string): Kind {
  if (/invalid auth token|revision of auth store is old/.test(details)) return "token";
  if (/authentication is not enabled/.test(details)) return "no authentication";
  if (code === status.NOT_FOUND) return "not found";
  const away = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED, status.UNKNOWN, status.INTERNAL];
  return away.includes(code) ? "away" : "refused";
}

export interface Calls {
  /** The endpoint to begin with: the one that answered last. */
  readonly present: string;
  /** @param deadline Unix ms */
  at(endpoint: string, deadline: number, token?: string): Call;
  /** It does not answer: unless somebody else has said so already, the next one is the present one now. */
  leave(endpoint: string): void;
  close(): void;
}

const channelOptions = {
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  "grpc.enable_retries": 0,
  "grpc.enable_channelz": 0,
  "grpc.enable_http_proxy": 0,
  // Who asks seldom, of many that may, holds no connection meanwhile.
  "grpc.client_idle_timeout_ms": 10_000,
  // So that another client means another connection.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
};

const identity = (bytes: Buffer): Buffer => bytes;

/** @param handshakeWith how to get in touch with an endpoint */
export function openCalls(endpoints: readonly string[], handshakeWith: (endpoint: string) => Handshake): Calls {
  let turn = 0;
  let closed = false;
  const clients = new Map<string, { client: Client; handshake: Handshake }>();
  const underWay = new Set<() => void>();

  function clientOf(endpoint: string): { client: Client; handshake: Handshake } {
    if (closed) throw new RepriseError("closed", "the connection to etcd was closed");
    let known = clients.get(endpoint);
    if (known === undefined) {
      const handshake = handshakeWith(endpoint);
      known = { handshake, client: new Client(endpoint, handshake.credentials, channelOptions) };
      clients.set(endpoint, known);
    }
    return known;
  }

  /** What every call begins and ends with. */
  function carryOut<A>(
    endpoint: string,
    begin: (client: Client, answered: (error: ServiceError | null, answer?: A) => void) => { cancel(): void },
  ): Promise<A> {
    return new Promise((resolve, reject) => {
      const { client, handshake } = clientOf(endpoint);
      const call = begin(client, (error, answer) => {
        underWay.delete(cancel);
        if (!error) resolve(answer!);
        else if (closed) reject(new RepriseError("closed", "the connection to etcd was closed"));
        else {
          // A connection may have silently stalled; the next one has not.
          if (error.code === status.DEADLINE_EXCEEDED && clients.delete(endpoint)) client.close();
          const { code, details } = error;
          void handshake.failure().then((failure) => {
            reject(new EtcdFailure({ code, details: failure?.message ?? details }, endpoint));
          });
        }
      });
      const cancel = () => call.cancel();
      underWay.add(cancel);
    });
  }

  return {
    get present() {
      return endpoints[turn]!;
    },
    at(endpoint, deadline, token) {
      const options = { deadline };
      const metadata = metadataOf(token);
      return {
        async unary({ path, requestSerialize }, request, type, shape) {
          const answer = await carryOut<Buffer>(endpoint, (client, answered) =>
            client.makeUnaryRequest(path, requestSerialize, identity, request, metadata, options, answered),
          );
          return decode(type, answer, shape);
        },
        async stream({ path, requestSerialize }, request, type, shape) {
          const answer = await carryOut<Buffer>(endpoint, (client, answered) => {
            const call = client.makeBidiStreamRequest(path, requestSerialize, identity, metadata, options);
            call.once("data", (answer: Buffer) => {
              answered(null, answer);
              call.cancel();
            });
            call.on("error", answered);
            call.on("end", () => answered(unanswered));
            call.write(request);
            return call;
          });
          return decode(type, answer, shape);
        },
      };
    },
    leave(endpoint) {
      if (endpoint === endpoints[turn]) turn = (turn + 1) % endpoints.length;
    },
    close() {
      closed = true;
      for (const cancel of underWay) cancel();
      for (const { client } of clients.values()) client.close();
    },
  };
}

function metadataOf(token: string | undefined): Metadata {
  const metadata = new Metadata();
  // A member that is cut off from the others says so at once.
  metadata.set("hasleader", "true");
  if (token !== undefined) metadata.set("token", token);
  return metadata;
}

const unanswered: ServiceError = Object.assign(new Error("no answer"), {
  code: status.UNAVAILABLE,
  details: "it ended the call without an answer",
  metadata: new Metadata(),
});
