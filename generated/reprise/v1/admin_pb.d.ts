// package: reprise.v1
// file: reprise/v1/admin.proto

/* tslint:disable */
/* eslint-disable */

import * as jspb from "google-protobuf";
import * as reprise_v1_broker_pb from "../../reprise/v1/broker_pb";

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

export class ListNodesRequest extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListNodesRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListNodesRequest): ListNodesRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListNodesRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListNodesRequest;
    static deserializeBinaryFromReader(message: ListNodesRequest, reader: jspb.BinaryReader): ListNodesRequest;
}

export namespace ListNodesRequest {
    export type AsObject = {
    }
}

export class ListNodesResponse extends jspb.Message { 
    clearNodesList(): void;
    getNodesList(): Array<NodeInfo>;
    setNodesList(value: Array<NodeInfo>): ListNodesResponse;
    addNodes(value?: NodeInfo, index?: number): NodeInfo;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListNodesResponse.AsObject;
    static toObject(includeInstance: boolean, msg: ListNodesResponse): ListNodesResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListNodesResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListNodesResponse;
    static deserializeBinaryFromReader(message: ListNodesResponse, reader: jspb.BinaryReader): ListNodesResponse;
}

export namespace ListNodesResponse {
    export type AsObject = {
        nodesList: Array<NodeInfo.AsObject>,
    }
}

export class NodeInfo extends jspb.Message { 
    getNode(): string;
    setNode(value: string): NodeInfo;
    getAddress(): string;
    setAddress(value: string): NodeInfo;
    getZone(): string;
    setZone(value: string): NodeInfo;
    getVersion(): string;
    setVersion(value: string): NodeInfo;
    getState(): NodeInfo.State;
    setState(value: NodeInfo.State): NodeInfo;
    getSessions(): number;
    setSessions(value: number): NodeInfo;
    getStartedAtMs(): number;
    setStartedAtMs(value: number): NodeInfo;
    clearWarningsList(): void;
    getWarningsList(): Array<string>;
    setWarningsList(value: Array<string>): NodeInfo;
    addWarnings(value: string, index?: number): string;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): NodeInfo.AsObject;
    static toObject(includeInstance: boolean, msg: NodeInfo): NodeInfo.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: NodeInfo, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): NodeInfo;
    static deserializeBinaryFromReader(message: NodeInfo, reader: jspb.BinaryReader): NodeInfo;
}

export namespace NodeInfo {
    export type AsObject = {
        node: string,
        address: string,
        zone: string,
        version: string,
        state: NodeInfo.State,
        sessions: number,
        startedAtMs: number,
        warningsList: Array<string>,
    }

    export enum State {
    UNSPECIFIED = 0,
    READY = 1,
    DRAINING = 2,
    }

}

export class ListMembersRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): ListMembersRequest;
    getPageToken(): string;
    setPageToken(value: string): ListMembersRequest;
    getPageSize(): number;
    setPageSize(value: number): ListMembersRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListMembersRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListMembersRequest): ListMembersRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListMembersRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListMembersRequest;
    static deserializeBinaryFromReader(message: ListMembersRequest, reader: jspb.BinaryReader): ListMembersRequest;
}

export namespace ListMembersRequest {
    export type AsObject = {
        channel: string,
        pageToken: string,
        pageSize: number,
    }
}

export class ListMembersResponse extends jspb.Message { 
    clearMembersList(): void;
    getMembersList(): Array<reprise_v1_broker_pb.Member>;
    setMembersList(value: Array<reprise_v1_broker_pb.Member>): ListMembersResponse;
    addMembers(value?: reprise_v1_broker_pb.Member, index?: number): reprise_v1_broker_pb.Member;
    getNextPageToken(): string;
    setNextPageToken(value: string): ListMembersResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListMembersResponse.AsObject;
    static toObject(includeInstance: boolean, msg: ListMembersResponse): ListMembersResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListMembersResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListMembersResponse;
    static deserializeBinaryFromReader(message: ListMembersResponse, reader: jspb.BinaryReader): ListMembersResponse;
}

export namespace ListMembersResponse {
    export type AsObject = {
        membersList: Array<reprise_v1_broker_pb.Member.AsObject>,
        nextPageToken: string,
    }
}

export class DrainRequest extends jspb.Message { 
    getWindowMs(): number;
    setWindowMs(value: number): DrainRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): DrainRequest.AsObject;
    static toObject(includeInstance: boolean, msg: DrainRequest): DrainRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: DrainRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): DrainRequest;
    static deserializeBinaryFromReader(message: DrainRequest, reader: jspb.BinaryReader): DrainRequest;
}

export namespace DrainRequest {
    export type AsObject = {
        windowMs: number,
    }
}

export class DrainProgress extends jspb.Message { 
    getSessions(): number;
    setSessions(value: number): DrainProgress;
    getMoved(): number;
    setMoved(value: number): DrainProgress;
    getElapsedMs(): number;
    setElapsedMs(value: number): DrainProgress;
    getDone(): boolean;
    setDone(value: boolean): DrainProgress;
    getCut(): number;
    setCut(value: number): DrainProgress;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): DrainProgress.AsObject;
    static toObject(includeInstance: boolean, msg: DrainProgress): DrainProgress.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: DrainProgress, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): DrainProgress;
    static deserializeBinaryFromReader(message: DrainProgress, reader: jspb.BinaryReader): DrainProgress;
}

export namespace DrainProgress {
    export type AsObject = {
        sessions: number,
        moved: number,
        elapsedMs: number,
        done: boolean,
        cut: number,
    }
}
