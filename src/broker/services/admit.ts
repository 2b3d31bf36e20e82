// The door: every call of a peer, whatever it asks for, is let in here or not at all. Without a guard all are.
import type { Metadata } from "@grpc/grpc-js";
import type { Credentials, Guard } from "../../auth/guard.js";
import { RepriseError, toRepriseError } from "../../wire/errors.js";
import { type Access, accessOf, anyone, logUnrecognized } from "../access.js";
import type { Broker } from "../broker.js";
import { endStream, type PeerStream, statusOf } from "./grpc.js";

/** What all calls have. */
interface PeerCall {
  readonly cancelled: boolean;
  readonly metadata: Metadata;
  getPeer(): string;
  getAuthContext(): { sslPeerCertificate?: Credentials["certificate"] };
  on(event: "error", listener: () => void): unknown;
}

/** Where the metadata of a call has the token: `Bearer …`. */
const tokenKey = "authorization";

/** A method of a service, to which only those come whom the broker's guard has recognized. */
export function admit<Call extends PeerCall, Rest extends unknown[]>(
  broker: Broker,
  method: (broker: Broker, access: Access, call: Call, ...rest: Rest) => void | Promise<void>,
): (call: Call, ...rest: Rest) => void {
  return (call, ...rest) => {
    const { guard } = broker;
    const enter = (access: Access) => {
      try {
        broker.gate.use(call.getPeer(), access.name);
      } catch (thrown) {
        refuse(call, rest[0], toRepriseError(thrown));
        return;
      }
      void method(broker, access, call, ...rest);
    };
    if (guard === undefined) {
      enter(anyone);
      return;
    }
    // A stream that breaks meanwhile is not news.
    call.on("error", () => {});
    recognize(guard, call).then(
      (access) => {
        // Who has gone meanwhile would not be seen to go.
        if (!call.cancelled) enter(access);
      },
      (thrown: unknown) => {
        logUnrecognized(broker.sparingLog, { peer: call.getPeer() }, thrown);
        const error = toRepriseError(thrown);
        const who = { session: "0", name: "", peer: call.getPeer(), method: "" };
        broker.recorder.refused({ kind: "turnedAway", who }, error);
        refuse(call, rest[0], error);
      },
    );
  };
}

async function recognize(guard: Guard, call: PeerCall): Promise<Access> {
  const certificate = peerCertificate(call);
  return accessOf(guard, await guard.authenticate({ token: takeToken(call.metadata), certificate }));
}

/** Undefined unless TLS has verified it: grpc-js does not tell of others. */
const peerCertificate = (call: PeerCall): Credentials["certificate"] => call.getAuthContext().sslPeerCertificate;

/** Nobody behind the door needs it any more. */
function takeToken(metadata: Metadata): string | undefined {
  const values = metadata.get(tokenKey);
  metadata.remove(tokenKey);
  if (values.length === 0) return undefined;
  const [, token] = /^bearer +(\S+)$/i.exec(String(values[0])) ?? [];
  if (token !== undefined && values.length === 1) return token;
  throw new RepriseError("unauthenticated", `expected one ${tokenKey} of the form Bearer TOKEN`);
}

function refuse(call: PeerCall, callback: unknown, error: RepriseError): void {
  if (call.cancelled) return;
  if (typeof callback === "function") callback(statusOf(error));
  else endStream(call as unknown as PeerStream, error);
}
