// package: stream
// file: stream/stream.proto

/* tslint:disable */
/* eslint-disable */

import * as jspb from "google-protobuf";

export class StreamRequest extends jspb.Message { 
    getMessage(): string;
    setMessage(value: string): StreamRequest;
    getPid(): number;
    setPid(value: number): StreamRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): StreamRequest.AsObject;
    static toObject(includeInstance: boolean, msg: StreamRequest): StreamRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: StreamRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): StreamRequest;
    static deserializeBinaryFromReader(message: StreamRequest, reader: jspb.BinaryReader): StreamRequest;
}

export namespace StreamRequest {
    export type AsObject = {
        message: string,
        pid: number,
    }
}

export class StreamResponse extends jspb.Message { 
    getReply(): string;
    setReply(value: string): StreamResponse;
    getPid(): number;
    setPid(value: number): StreamResponse;
    getChannel(): string;
    setChannel(value: string): StreamResponse;
    getOffset(): number;
    setOffset(value: number): StreamResponse;
    getEpoch(): number;
    setEpoch(value: number): StreamResponse;
    getPublisher(): string;
    setPublisher(value: string): StreamResponse;
    getGap(): string;
    setGap(value: string): StreamResponse;
    getGapFromOffset(): number;
    setGapFromOffset(value: number): StreamResponse;
    getGapToOffset(): number;
    setGapToOffset(value: number): StreamResponse;
    getError(): string;
    setError(value: string): StreamResponse;
    getRetryAfterMs(): number;
    setRetryAfterMs(value: number): StreamResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): StreamResponse.AsObject;
    static toObject(includeInstance: boolean, msg: StreamResponse): StreamResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: StreamResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): StreamResponse;
    static deserializeBinaryFromReader(message: StreamResponse, reader: jspb.BinaryReader): StreamResponse;
}

export namespace StreamResponse {
    export type AsObject = {
        reply: string,
        pid: number,
        channel: string,
        offset: number,
        epoch: number,
        publisher: string,
        gap: string,
        gapFromOffset: number,
        gapToOffset: number,
        error: string,
        retryAfterMs: number,
    }
}
