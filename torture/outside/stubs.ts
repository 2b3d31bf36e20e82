// Generated stubs, one client for each node: what programs without the client library have.
import { credentials, type ServiceError } from "@grpc/grpc-js";
import grpcBroker from "../../generated/reprise/v1/broker_grpc_pb.js";
import grpcStream from "../../generated/stream/stream_grpc_pb.js";

/** Nobody else would notice that a connection is dead. */
export const options = {
  "grpc.keepalive_time_ms": 5_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.max_receive_message_length": -1,
};

const remembered = <Client>(open: (address: string) => Client) => {
  const clients = new Map<string, Client>();
  return (address: string): Client => {
    const client = clients.get(address) ?? open(address);
    clients.set(address, client);
    return client;
  };
};

export const brokerAt = remembered(
  (address) => new grpcBroker.BrokerClient(address, credentials.createInsecure(), options),
);
export const linesAt = remembered(
  (address) => new grpcStream.StreamServiceClient(address, credentials.createInsecure(), options),
);

/** Those that may succeed later, by the table in docs/protocol.md. */
const passing = ["buffer_unavailable", "buffer_full", "limit_reached", "draining", "disconnected"];

/** Whether the same may succeed at another time or node. Whatever has no code of ours is a matter of the connection. */
export const isPassing = (code: string | undefined): boolean => code === undefined || passing.includes(code);

/** The code of a call that failed (P-23). */
export const codeOf = ({ metadata }: ServiceError): string | undefined => metadata?.get("reprise-code")[0]?.toString();
