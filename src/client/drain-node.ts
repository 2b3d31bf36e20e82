// Draining a node from outside: for operators and what deploys for them. It needs no bus, because it is about one node.
import { type ChannelOptions, Client, type ServiceError } from "@grpc/grpc-js";
import grpcAdmin from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { onAbort } from "./abort.js";
import { handshakeOf, tokenMetadata } from "./connection.js";
import { errorOfStatus } from "./remote-error.js";
import { type SecurityOptions, securityOf } from "./security.js";
import { readToken, type TokenSource } from "./token.js";

export interface DrainProgress {
  /** Sessions that were there when it began. */
  sessions: number;
  /** How many of them have gone. */
  moved: number;
  /** How many did not go in time. They are not among `moved`. */
  cut: number;
  elapsedMs: number;
  /** True: the last one. The node stops now. */
  done: boolean;
}

export interface DrainNodeOptions extends SecurityOptions {
  /** Over which the sessions are told to go. Default: the node's own setting. */
  windowMs?: number | undefined;
  /** Stops listening. The drain goes on. */
  signal?: AbortSignal | undefined;
  /** By which the node recognizes this process. */
  token?: TokenSource | undefined;
  grpc?: ChannelOptions | undefined;
}

/**
 * Makes the node at `address` send its sessions to other nodes, one after the other, and stop; all workers of its process
 * do, if it is one of several. Yields how far they have come, to the end. It cannot be taken back.
 */
export async function* drainNode(
  address: string,
  { windowMs = 0, signal, token, grpc = {}, ...security }: DrainNodeOptions = {},
): AsyncGenerator<DrainProgress, undefined> {
  const secured = securityOf(security);
  const metadata = tokenMetadata(await readToken(token), address, secured);
  const { credentials, failure } = handshakeOf(address, secured);
  const client = new Client(address, credentials, { "grpc.use_local_subchannel_pool": 1, ...grpc });
  const { path, requestSerialize, responseDeserialize } = grpcAdmin.AdminService.drain;
  const request = new pb.DrainRequest().setWindowMs(Math.round(windowMs));
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata);
  let aborted: RepriseError | undefined;
  const forget = onAbort(signal, (error) => {
    aborted = error;
    call.cancel();
  });
  let done = false;
  try {
    for await (const progress of call as AsyncIterable<InstanceType<typeof pb.DrainProgress>>) {
      done = progress.getDone();
      yield progress.toObject();
    }
    if (!done) throw new RepriseError("unavailable", `${address}: it ended before it had drained`);
  } catch (thrown) {
    throw aborted ?? (await failure()) ?? errorOf(thrown, address);
  } finally {
    forget();
    call.cancel();
    client.close();
  }
}

const errorOf = (thrown: unknown, address: string): RepriseError =>
  thrown instanceof Error && "details" in thrown && "metadata" in thrown
    ? errorOfStatus(thrown as ServiceError, address)
    : toRepriseError(thrown);
