// The calls of etcd that we need, each within a time limit, at whichever endpoint answers. All of them may be repeated:
// whether a call that failed was carried out is unknown.
import grpc from "../../generated/etcd/rpc_grpc_pb.js";
import pb from "../../generated/etcd/rpc_pb.js";
import { type Handshake, plainHandshake, tlsHandshake } from "../tls/handshake.js";
import { contextsOf } from "../tls/options.js";
import { RepriseError } from "../wire/errors.js";
import { type EtcdAddress, parseEtcdAddress } from "./address.js";
import { type Ask, EtcdFailure, openCalls } from "./calls.js";
import { createToken } from "./token.js";

export interface Etcd {
  readonly address: EtcdAddress;
  /** What stands under the keys that begin with `prefix`; at most 10,000 of them. */
  range(prefix: string): Promise<{ key: string; value: string }[]>;
  /** The key goes with its lease. */
  put(key: string, value: string, lease: string): Promise<void>;
  /** @returns the lease; etcd may make it longer than asked for */
  grant(seconds: number): Promise<string>;
  /** @returns false if it has run out */
  keepAlive(lease: string): Promise<boolean>;
  /** Ends the lease, if it has not run out, and removes its keys. */
  revoke(lease: string): Promise<void>;
  /** What is under way rejects. */
  close(): void;
}

/** Of one call, all endpoints together. */
const timeoutMs = 3_000;
/** An endpoint that hangs must not use up the time of the others. */
const shortestTryMs = 1_000;
const mostKeys = 10_000;

const { range, put } = grpc.KVService;
const { leaseGrant, leaseRevoke, leaseKeepAlive } = grpc.LeaseService;

const notFound = (thrown: unknown) => thrown instanceof EtcdFailure && thrown.kind === "not found";

/**
 * Connects when it is first asked. Its calls reject with RepriseError `unavailable`, whose message holds no secret.
 * @throws RepriseError `invalid_argument`
 */
export function openEtcd(url: string): Etcd {
  const address = parseEtcdAddress(url);
  const calls = openCalls(address.endpoints, handshakesOf(address));
  const token = createToken(address.user);

  /** Asks one endpoint after the other, beginning with the one that answered last. */
  async function ask<A>(call: Ask<A>): Promise<A> {
    const deadline = Date.now() + timeoutMs;
    const tryMs = Math.max(shortestTryMs, timeoutMs / address.endpoints.length);
    let renewed = false;
    for (let tried = 0; ; ) {
      const by = Math.min(deadline, Date.now() + tryMs);
      const endpoint = calls.present;
      let used: string | undefined;
      try {
        used = await token.get(calls.at(endpoint, by));
        return await call(calls.at(endpoint, by, used));
      } catch (thrown) {
        const kind = thrown instanceof EtcdFailure ? thrown.kind : "refused";
        if (kind === "away") calls.leave(endpoint);
        if (kind === "token" && !renewed) {
          renewed = true;
          token.drop(used);
        } else if (kind !== "away" || ++tried >= address.endpoints.length || Date.now() >= deadline) throw thrown;
      }
    }
  }
  async function told<A>(call: Ask<A>): Promise<A> {
    try {
      return await ask(call);
    } catch (thrown) {
      if (thrown instanceof RepriseError && thrown.code === "closed") throw thrown;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new RepriseError("unavailable", `etcd at ${address.where}: ${why}`);
    }
  }

  return {
    address,
    range: (prefix) =>
      told(async (call) => {
        const request = new pb.RangeRequest()
          .setKey(Buffer.from(prefix))
          .setRangeEnd(behind(prefix))
          .setLimit(mostKeys);
        const response = await call.unary(range, request, pb.RangeResponse, { 2: {} });
        const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
        return response.getKvsList().map((kv) => ({ key: text(kv.getKey_asU8()), value: text(kv.getValue_asU8()) }));
      }),
    put: (key, value, lease) =>
      told(async (call) => {
        const request = new pb.PutRequest().setKey(Buffer.from(key)).setValue(Buffer.from(value)).setLease(lease);
        await call.unary(put, request, pb.PutResponse, {});
      }),
    grant: (seconds) =>
      told(async (call) => {
        const request = new pb.LeaseGrantRequest().setTtl(seconds);
        const response = await call.unary(leaseGrant, request, pb.LeaseGrantResponse, { 4: "text" });
        return response.getId();
      }),
    keepAlive: (lease) =>
      told(async (call) => {
        const request = new pb.LeaseKeepAliveRequest().setId(lease);
        const response = await call.stream(leaseKeepAlive, request, pb.LeaseKeepAliveResponse, {});
        return response.getTtl() > 0;
      }),
    revoke: (lease) =>
      told(async (call) => {
        const revoked = call.unary(leaseRevoke, new pb.LeaseRevokeRequest().setId(lease), pb.LeaseRevokeResponse, {});
        await revoked.catch((thrown: unknown) => {
          if (!notFound(thrown)) throw thrown;
        });
      }),
    close: () => calls.close(),
  };
}

/** The first key behind all that begin with `prefix`, which is ASCII. */
function behind(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]!++;
  return end;
}

function handshakesOf({ tls }: EtcdAddress): (endpoint: string) => Handshake {
  if (tls === undefined) return plainHandshake;
  const contexts = contextsOf(tls, "TLS to etcd");
  return (endpoint) => tlsHandshake(endpoint, contexts, tls.servername);
}
