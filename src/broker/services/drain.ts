// Admin.Drain: the node sends its sessions elsewhere and stops, and tells how far it has come; with the other workers of
// its process, if it is one of them.
import type { ServerWritableStream } from "@grpc/grpc-js";
import pb from "../../../generated/reprise/v1/admin_pb.js";
import { decode } from "../../wire/decode.js";
import { toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import type { Drained } from "../drain.js";
import type { WholeDrain } from "../worker.js";
import { endStream, whenGone } from "./grpc.js";

type Progress = InstanceType<typeof pb.DrainProgress>;

const everyMs = 200;

/** @param whole stops afterwards; whoever asked may have gone by then */
export function drain(
  whole: WholeDrain,
  broker: Broker,
  access: Access,
  call: ServerWritableStream<Buffer, Progress>,
): void {
  try {
    access.check("admin", "");
    const windowMs = decode(pb.DrainRequest, call.request, {}).getWindowMs();
    const about = { peer: call.getPeer(), identity: access.name };
    broker.log.info(about, "a drain was asked for");
    const drained = whole.drain(windowMs === 0 ? undefined : windowMs);
    const tell = () => {
      if (whole.drained !== undefined) call.write(progressOf(whole.drained));
    };
    const timer = setInterval(tell, everyMs);
    whenGone(call, () => clearInterval(timer));
    tell();
    void drained.then((result) => {
      clearInterval(timer);
      if (call.cancelled || call.destroyed) return;
      call.write(progressOf(result).setDone(true));
      call.end();
    });
  } catch (thrown) {
    endStream(call, toRepriseError(thrown));
  }
}

const progressOf = ({ sessions, moved, cut, elapsedMs }: Drained): Progress =>
  new pb.DrainProgress().setSessions(sessions).setMoved(moved).setCut(cut).setElapsedMs(elapsedMs);
