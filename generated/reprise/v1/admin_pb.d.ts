// package: reprise.v1
// file: reprise/v1/admin.proto

/* tslint:disable */
/* eslint-disable */

import * as jspb from "google-protobuf";

export class ListChannelsRequest extends jspb.Message { 
    getPrefix(): string;
    setPrefix(value: string): ListChannelsRequest;
    getPageToken(): string;
    setPageToken(value: string): ListChannelsRequest;
    getPageSize(): number;
    setPageSize(value: number): ListChannelsRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListChannelsRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListChannelsRequest): ListChannelsRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListChannelsRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListChannelsRequest;
    static deserializeBinaryFromReader(message: ListChannelsRequest, reader: jspb.BinaryReader): ListChannelsRequest;
}

export namespace ListChannelsRequest {
    export type AsObject = {
        prefix: string,
        pageToken: string,
        pageSize: number,
    }
}

export class ListChannelsResponse extends jspb.Message { 
    clearChannelsList(): void;
    getChannelsList(): Array<ChannelInfo>;
    setChannelsList(value: Array<ChannelInfo>): ListChannelsResponse;
    addChannels(value?: ChannelInfo, index?: number): ChannelInfo;
    getNextPageToken(): string;
    setNextPageToken(value: string): ListChannelsResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListChannelsResponse.AsObject;
    static toObject(includeInstance: boolean, msg: ListChannelsResponse): ListChannelsResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListChannelsResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListChannelsResponse;
    static deserializeBinaryFromReader(message: ListChannelsResponse, reader: jspb.BinaryReader): ListChannelsResponse;
}

export namespace ListChannelsResponse {
    export type AsObject = {
        channelsList: Array<ChannelInfo.AsObject>,
        nextPageToken: string,
    }
}

export class GetChannelRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): GetChannelRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): GetChannelRequest.AsObject;
    static toObject(includeInstance: boolean, msg: GetChannelRequest): GetChannelRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: GetChannelRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): GetChannelRequest;
    static deserializeBinaryFromReader(message: GetChannelRequest, reader: jspb.BinaryReader): GetChannelRequest;
}

export namespace GetChannelRequest {
    export type AsObject = {
        channel: string,
    }
}

export class ChannelInfo extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): ChannelInfo;
    getEpoch(): number;
    setEpoch(value: number): ChannelInfo;
    getFirstOffset(): number;
    setFirstOffset(value: number): ChannelInfo;
    getNextOffset(): number;
    setNextOffset(value: number): ChannelInfo;
    getBytes(): number;
    setBytes(value: number): ChannelInfo;
    getSubscribers(): number;
    setSubscribers(value: number): ChannelInfo;
    clearEpochsList(): void;
    getEpochsList(): Array<EpochInfo>;
    setEpochsList(value: Array<EpochInfo>): ChannelInfo;
    addEpochs(value?: EpochInfo, index?: number): EpochInfo;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ChannelInfo.AsObject;
    static toObject(includeInstance: boolean, msg: ChannelInfo): ChannelInfo.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ChannelInfo, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ChannelInfo;
    static deserializeBinaryFromReader(message: ChannelInfo, reader: jspb.BinaryReader): ChannelInfo;
}

export namespace ChannelInfo {
    export type AsObject = {
        channel: string,
        epoch: number,
        firstOffset: number,
        nextOffset: number,
        bytes: number,
        subscribers: number,
        epochsList: Array<EpochInfo.AsObject>,
    }
}

export class EpochInfo extends jspb.Message { 
    getEpoch(): number;
    setEpoch(value: number): EpochInfo;
    getFirstOffset(): number;
    setFirstOffset(value: number): EpochInfo;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): EpochInfo.AsObject;
    static toObject(includeInstance: boolean, msg: EpochInfo): EpochInfo.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: EpochInfo, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): EpochInfo;
    static deserializeBinaryFromReader(message: EpochInfo, reader: jspb.BinaryReader): EpochInfo;
}

export namespace EpochInfo {
    export type AsObject = {
        epoch: number,
        firstOffset: number,
    }
}

export class ListSessionsRequest extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListSessionsRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListSessionsRequest): ListSessionsRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListSessionsRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListSessionsRequest;
    static deserializeBinaryFromReader(message: ListSessionsRequest, reader: jspb.BinaryReader): ListSessionsRequest;
}

export namespace ListSessionsRequest {
    export type AsObject = {
    }
}

export class ListSessionsResponse extends jspb.Message { 
    clearSessionsList(): void;
    getSessionsList(): Array<SessionInfo>;
    setSessionsList(value: Array<SessionInfo>): ListSessionsResponse;
    addSessions(value?: SessionInfo, index?: number): SessionInfo;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListSessionsResponse.AsObject;
    static toObject(includeInstance: boolean, msg: ListSessionsResponse): ListSessionsResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListSessionsResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListSessionsResponse;
    static deserializeBinaryFromReader(message: ListSessionsResponse, reader: jspb.BinaryReader): ListSessionsResponse;
}

export namespace ListSessionsResponse {
    export type AsObject = {
        sessionsList: Array<SessionInfo.AsObject>,
    }
}

export class SessionInfo extends jspb.Message { 
    getSession(): string;
    setSession(value: string): SessionInfo;
    getName(): string;
    setName(value: string): SessionInfo;
    getPeer(): string;
    setPeer(value: string): SessionInfo;
    getMethod(): string;
    setMethod(value: string): SessionInfo;
    getConnectedAtMs(): number;
    setConnectedAtMs(value: number): SessionInfo;
    clearSubscriptionsList(): void;
    getSubscriptionsList(): Array<SubscriptionInfo>;
    setSubscriptionsList(value: Array<SubscriptionInfo>): SessionInfo;
    addSubscriptions(value?: SubscriptionInfo, index?: number): SubscriptionInfo;
    getUnansweredMessages(): number;
    setUnansweredMessages(value: number): SessionInfo;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): SessionInfo.AsObject;
    static toObject(includeInstance: boolean, msg: SessionInfo): SessionInfo.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: SessionInfo, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): SessionInfo;
    static deserializeBinaryFromReader(message: SessionInfo, reader: jspb.BinaryReader): SessionInfo;
}

export namespace SessionInfo {
    export type AsObject = {
        session: string,
        name: string,
        peer: string,
        method: string,
        connectedAtMs: number,
        subscriptionsList: Array<SubscriptionInfo.AsObject>,
        unansweredMessages: number,
    }
}

export class SubscriptionInfo extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): SubscriptionInfo;
    getNextOffset(): number;
    setNextOffset(value: number): SubscriptionInfo;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): SubscriptionInfo.AsObject;
    static toObject(includeInstance: boolean, msg: SubscriptionInfo): SubscriptionInfo.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: SubscriptionInfo, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): SubscriptionInfo;
    static deserializeBinaryFromReader(message: SubscriptionInfo, reader: jspb.BinaryReader): SubscriptionInfo;
}

export namespace SubscriptionInfo {
    export type AsObject = {
        channel: string,
        nextOffset: number,
    }
}
