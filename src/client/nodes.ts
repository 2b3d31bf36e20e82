// Which nodes there are.
import grpcAdmin from "../../generated/reprise/v1/admin_grpc_pb.js";
import pb from "../../generated/reprise/v1/admin_pb.js";
import type { NodeEntry } from "../wire/node-entry.js";
import type { Call, CallOptions } from "./calls.js";

export async function readNodes(call: Call, options: CallOptions): Promise<NodeEntry[]> {
  const response = await call(grpcAdmin.AdminService.listNodes, new pb.ListNodesRequest(), options);
  return response.getNodesList().map((info) => ({
    node: info.getNode(),
    address: info.getAddress(),
    zone: info.getZone(),
    version: info.getVersion(),
    state: info.getState() === pb.NodeInfo.State.DRAINING ? "draining" : "ready",
    sessions: info.getSessions(),
    startedAtMs: info.getStartedAtMs(),
    warnings: info.getWarningsList(),
  }));
}
