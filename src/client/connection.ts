// One `Connect` stream on a connection of its own: hello, welcome, then frames in and out, until it ends. It never
// comes back; that is the link's business.
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  compressionAlgorithms,
  Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import grpcBroker from "../../generated/reprise/v1/broker_grpc_pb.js";
import { type Handshake, plainHandshake, tlsHandshake } from "../tls/handshake.js";
import { isLoopback } from "../tls/loopback.js";
import type { Contexts } from "../tls/options.js";
import { encodeAuthenticate, encodeHello } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { MiB } from "../wire/limits.js";
import { readServerFrame, type ServerItem, type Welcome } from "../wire/server-frame.js";
import { errorOfRefusal, errorOfStatus } from "./remote-error.js";
import { takeShortCut } from "./short-cut.js";

export interface Hello {
  name: string;
  producer: Buffer;
  /** Whether to be told of other nodes. Default: no. */
  discover?: boolean;
  /** Default: the session's id. */
  member?: string;
}

export interface ConnectionOptions {
  /** How long the node may take to answer the hello. */
  welcomeTimeoutMs: number;
  /** Undefined: no TLS. */
  tls?: Contexts | undefined;
  /** Of the caller's own making, in place of `tls`. */
  credentials?: ChannelCredentials | undefined;
  /** By which the node recognizes this process. */
  token?: string | undefined;
  /** Whether it may be read on the way. Default: no. */
  insecure?: boolean | undefined;
  /** For TLS: the name that the node must prove to have. Undefined: that of its address. */
  serverName?: string | undefined;
  /** What is sent. Default: no. */
  compressed?: boolean | undefined;
  /** Default: 1 MiB. */
  windowBytes?: number | undefined;
  /** Over our own. */
  grpc?: ChannelOptions | undefined;
}

export interface Receiver {
  /** The first thing that is called, unless `ended` is. */
  welcomed(welcome: Welcome): void;
  /** Any item but `welcome`. */
  item(item: ServerItem): void;
  /** The last thing that is called; not called after `close`. */
  ended(reason: RepriseError): void;
}

export interface Connection {
  readonly address: string;
  /** For unary calls on the same connection. */
  readonly client: Client;
  /** For those: the token. */
  readonly metadata: Metadata;
  /** Takes a frame whatever the state of the socket: the publish window bounds what can wait here. */
  send(frame: Buffer): void;
  /** Shows the node a new token; it answers by `authenticated` or an `error` item. */
  renew(token: string): void;
  close(): void;
}

const channelOptions = {
  // A connection of our own: what happens to it happens to nobody else, and closing it closes the socket.
  "grpc.use_local_subchannel_pool": 1,
  // Frames of the node have no limit of their own; the subscriptions' buffers bound what is kept of them.
  "grpc.max_receive_message_length": -1,
  // Finds a peer that vanished without a word, also while nothing is sent.
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 5_000,
  // The outbox resends; gRPC's own retries would keep a second copy of what was sent.
  "grpc.enable_retries": 0,
  "grpc.enable_channelz": 0,
  // A broker is reached directly, like a database; http_proxy in the environment is not meant for it.
  "grpc.enable_http_proxy": 0,
};

/**
 * How much the node may send before we have read it. gRPC's default of 64 KiB allows 64 KiB per round trip: a replay over
 * 10 ms would run at 6 MB/s.
 */
const defaultWindowBytes = 1 * MiB;

/** Silence for more than this many heartbeat intervals means a dead connection (P-5). */
const silentIntervals = 3;

/**
 * What a call carries for the node to recognize this process.
 * @throws RepriseError `invalid_argument` if others could read it on the way
 */
export function tokenMetadata(
  token: string | undefined,
  address: string,
  { tls, credentials, insecure = false }: Pick<ConnectionOptions, "tls" | "credentials" | "insecure">,
): Metadata {
  const metadata = new Metadata();
  if (token === undefined) return metadata;
  if (tls === undefined && credentials === undefined && !insecure && !isLoopback(address)) {
    const what = "a token is not sent to another machine without TLS, where others can read it, unless insecure is set";
    throw new RepriseError("invalid_argument", `${address}: ${what}`);
  }
  setToken(metadata, token);
  return metadata;
}

const setToken = (metadata: Metadata, token: string): void => metadata.set("authorization", `Bearer ${token}`);

const identity = (bytes: Buffer): Buffer => bytes;

/** Also for calls outside of a bus. */
export function handshakeOf(
  address: string,
  { tls, credentials, serverName }: Pick<ConnectionOptions, "tls" | "credentials" | "serverName">,
): Handshake {
  if (credentials !== undefined) return { credentials, failure: async () => undefined };
  return tls === undefined ? plainHandshake(address) : tlsHandshake(address, tls, serverName);
}

/** Throws what gRPC throws if it can make nothing of the address or the options. */
export function openConnection(address: string, hello: Hello, options: ConnectionOptions, to: Receiver): Connection {
  const { welcomeTimeoutMs, serverName, token, grpc = {} } = options;
  const metadata = tokenMetadata(token, address, options);
  const { credentials, failure } = handshakeOf(address, options);
  const own: ChannelOptions = {
    ...channelOptions,
    "grpc-node.flow_control_window": options.windowBytes ?? defaultWindowBytes,
    // All messages of the connection: gRPC cannot leave out the small ones.
    ...(options.compressed === true && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
    ...(serverName !== undefined && { "grpc.ssl_target_name_override": serverName }),
  };
  const client = new Client(address, credentials, { ...own, ...grpc });
  const { path } = grpcBroker.BrokerService.connect;
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    path,
    identity,
    identity,
    metadata.clone(),
  );
  let closed = false;
  let status: StatusObject | undefined;
  /** The last item, if it says what is wrong with the stream: the node knows better than the status. */
  let lastWord: RepriseError | undefined;
  let silence = 0;
  let timer = setTimeout(
    () => end(new RepriseError("unavailable", `${address}: no answer within ${welcomeTimeoutMs} ms`)),
    welcomeTimeoutMs,
  );

  const close = () => {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    call.cancel();
    client.close();
  };
  const end = (reason: RepriseError) => {
    if (closed) return;
    close();
    to.ended(reason);
  };
  // Counted in ticks, not by the clock: after this process was stopped for a while, what arrived meanwhile is read
  // before a tick finds the silence too long.
  const watch = (intervalMs: number) => {
    clearTimeout(timer);
    timer = setInterval(() => {
      if (++silence <= silentIntervals) return;
      end(new RepriseError("unavailable", `${address}: silent for more than ${silentIntervals * intervalMs} ms`));
    }, intervalMs);
  };
  const receive = (item: ServerItem) => {
    const isLastWord = item.kind === "error" && item.channel === "" && item.request === 0;
    lastWord = isLastWord ? errorOfRefusal(item) : undefined;
    if (item.kind === "welcome") {
      watch(Math.max(item.heartbeatIntervalMs, 100));
      to.welcomed(item);
    } else if (lastWord === undefined) to.item(item);
  };

  const receiveFrame = (frame: Buffer) => {
    silence = 0;
    try {
      for (const item of readServerFrame(frame)) {
        if (closed) return;
        receive(item);
      }
    } catch (thrown) {
      end(toRepriseError(thrown));
    }
  };
  call.on("data", (frame: Buffer) => {
    takeShortCut(call, receiveFrame);
    receiveFrame(frame);
  });
  call.on("status", (received: StatusObject) => {
    status = received;
  });
  // The status says it all; without a listener the event would be thrown.
  call.on("error", () => {});
  // After the status, and after all data before it.
  call.on("end", () => {
    const reason = status ? errorOfStatus(status, address) : new RepriseError("unavailable", `${address}: ended`);
    if (lastWord !== undefined) end(lastWord);
    else void failure().then((failure) => end(failure ?? reason));
  });
  call.write(encodeHello(hello.name, hello.producer, hello.discover, hello.member));

  return {
    address,
    client,
    metadata,
    renew(token) {
      if (closed) return;
      setToken(metadata, token);
      call.write(encodeAuthenticate(token));
    },
    send(frame) {
      if (!closed) call.write(frame);
    },
    close,
  };
}
