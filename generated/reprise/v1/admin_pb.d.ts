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

    hasRetention(): boolean;
    clearRetention(): void;
    getRetention(): Retention | undefined;
    setRetention(value?: Retention): ChannelInfo;

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
        retention?: Retention.AsObject,
    }
}

export class Retention extends jspb.Message { 
    getMessages(): number;
    setMessages(value: number): Retention;
    getBytes(): number;
    setBytes(value: number): Retention;
    getAgeMs(): number;
    setAgeMs(value: number): Retention;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Retention.AsObject;
    static toObject(includeInstance: boolean, msg: Retention): Retention.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Retention, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Retention;
    static deserializeBinaryFromReader(message: Retention, reader: jspb.BinaryReader): Retention;
}

export namespace Retention {
    export type AsObject = {
        messages: number,
        bytes: number,
        ageMs: number,
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

export class DisconnectSessionRequest extends jspb.Message { 
    getSession(): string;
    setSession(value: string): DisconnectSessionRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): DisconnectSessionRequest.AsObject;
    static toObject(includeInstance: boolean, msg: DisconnectSessionRequest): DisconnectSessionRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: DisconnectSessionRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): DisconnectSessionRequest;
    static deserializeBinaryFromReader(message: DisconnectSessionRequest, reader: jspb.BinaryReader): DisconnectSessionRequest;
}

export namespace DisconnectSessionRequest {
    export type AsObject = {
        session: string,
    }
}

export class DisconnectSessionResponse extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): DisconnectSessionResponse.AsObject;
    static toObject(includeInstance: boolean, msg: DisconnectSessionResponse): DisconnectSessionResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: DisconnectSessionResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): DisconnectSessionResponse;
    static deserializeBinaryFromReader(message: DisconnectSessionResponse, reader: jspb.BinaryReader): DisconnectSessionResponse;
}

export namespace DisconnectSessionResponse {
    export type AsObject = {
    }
}

export class ListSlowSubscribersRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): ListSlowSubscribersRequest;
    getBehindMs(): number;
    setBehindMs(value: number): ListSlowSubscribersRequest;
    getLimit(): number;
    setLimit(value: number): ListSlowSubscribersRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListSlowSubscribersRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListSlowSubscribersRequest): ListSlowSubscribersRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListSlowSubscribersRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListSlowSubscribersRequest;
    static deserializeBinaryFromReader(message: ListSlowSubscribersRequest, reader: jspb.BinaryReader): ListSlowSubscribersRequest;
}

export namespace ListSlowSubscribersRequest {
    export type AsObject = {
        channel: string,
        behindMs: number,
        limit: number,
    }
}

export class ListSlowSubscribersResponse extends jspb.Message { 
    clearSubscribersList(): void;
    getSubscribersList(): Array<SlowSubscriber>;
    setSubscribersList(value: Array<SlowSubscriber>): ListSlowSubscribersResponse;
    addSubscribers(value?: SlowSubscriber, index?: number): SlowSubscriber;
    getBehind(): number;
    setBehind(value: number): ListSlowSubscribersResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListSlowSubscribersResponse.AsObject;
    static toObject(includeInstance: boolean, msg: ListSlowSubscribersResponse): ListSlowSubscribersResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListSlowSubscribersResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListSlowSubscribersResponse;
    static deserializeBinaryFromReader(message: ListSlowSubscribersResponse, reader: jspb.BinaryReader): ListSlowSubscribersResponse;
}

export namespace ListSlowSubscribersResponse {
    export type AsObject = {
        subscribersList: Array<SlowSubscriber.AsObject>,
        behind: number,
    }
}

export class SlowSubscriber extends jspb.Message { 
    getSession(): string;
    setSession(value: string): SlowSubscriber;
    getName(): string;
    setName(value: string): SlowSubscriber;
    getPeer(): string;
    setPeer(value: string): SlowSubscriber;
    getMethod(): string;
    setMethod(value: string): SlowSubscriber;
    getChannel(): string;
    setChannel(value: string): SlowSubscriber;
    getNextOffset(): number;
    setNextOffset(value: number): SlowSubscriber;
    getLagMessages(): number;
    setLagMessages(value: number): SlowSubscriber;
    getLagMs(): number;
    setLagMs(value: number): SlowSubscriber;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): SlowSubscriber.AsObject;
    static toObject(includeInstance: boolean, msg: SlowSubscriber): SlowSubscriber.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: SlowSubscriber, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): SlowSubscriber;
    static deserializeBinaryFromReader(message: SlowSubscriber, reader: jspb.BinaryReader): SlowSubscriber;
}

export namespace SlowSubscriber {
    export type AsObject = {
        session: string,
        name: string,
        peer: string,
        method: string,
        channel: string,
        nextOffset: number,
        lagMessages: number,
        lagMs: number,
    }
}

export class TrimChannelRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): TrimChannelRequest;
    getBefore(): number;
    setBefore(value: number): TrimChannelRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): TrimChannelRequest.AsObject;
    static toObject(includeInstance: boolean, msg: TrimChannelRequest): TrimChannelRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: TrimChannelRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): TrimChannelRequest;
    static deserializeBinaryFromReader(message: TrimChannelRequest, reader: jspb.BinaryReader): TrimChannelRequest;
}

export namespace TrimChannelRequest {
    export type AsObject = {
        channel: string,
        before: number,
    }
}

export class DeleteChannelRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): DeleteChannelRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): DeleteChannelRequest.AsObject;
    static toObject(includeInstance: boolean, msg: DeleteChannelRequest): DeleteChannelRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: DeleteChannelRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): DeleteChannelRequest;
    static deserializeBinaryFromReader(message: DeleteChannelRequest, reader: jspb.BinaryReader): DeleteChannelRequest;
}

export namespace DeleteChannelRequest {
    export type AsObject = {
        channel: string,
    }
}

export class DeleteChannelResponse extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): DeleteChannelResponse.AsObject;
    static toObject(includeInstance: boolean, msg: DeleteChannelResponse): DeleteChannelResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: DeleteChannelResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): DeleteChannelResponse;
    static deserializeBinaryFromReader(message: DeleteChannelResponse, reader: jspb.BinaryReader): DeleteChannelResponse;
}

export namespace DeleteChannelResponse {
    export type AsObject = {
    }
}

export class ListRetentionRequest extends jspb.Message { 

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListRetentionRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListRetentionRequest): ListRetentionRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListRetentionRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListRetentionRequest;
    static deserializeBinaryFromReader(message: ListRetentionRequest, reader: jspb.BinaryReader): ListRetentionRequest;
}

export namespace ListRetentionRequest {
    export type AsObject = {
    }
}

export class SetRetentionRequest extends jspb.Message { 
    getPattern(): string;
    setPattern(value: string): SetRetentionRequest;
    getLimits(): string;
    setLimits(value: string): SetRetentionRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): SetRetentionRequest.AsObject;
    static toObject(includeInstance: boolean, msg: SetRetentionRequest): SetRetentionRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: SetRetentionRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): SetRetentionRequest;
    static deserializeBinaryFromReader(message: SetRetentionRequest, reader: jspb.BinaryReader): SetRetentionRequest;
}

export namespace SetRetentionRequest {
    export type AsObject = {
        pattern: string,
        limits: string,
    }
}

export class RetentionRules extends jspb.Message { 
    clearRulesList(): void;
    getRulesList(): Array<RetentionRule>;
    setRulesList(value: Array<RetentionRule>): RetentionRules;
    addRules(value?: RetentionRule, index?: number): RetentionRule;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): RetentionRules.AsObject;
    static toObject(includeInstance: boolean, msg: RetentionRules): RetentionRules.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: RetentionRules, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): RetentionRules;
    static deserializeBinaryFromReader(message: RetentionRules, reader: jspb.BinaryReader): RetentionRules;
}

export namespace RetentionRules {
    export type AsObject = {
        rulesList: Array<RetentionRule.AsObject>,
    }
}

export class RetentionRule extends jspb.Message { 
    getPattern(): string;
    setPattern(value: string): RetentionRule;
    getLimits(): string;
    setLimits(value: string): RetentionRule;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): RetentionRule.AsObject;
    static toObject(includeInstance: boolean, msg: RetentionRule): RetentionRule.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: RetentionRule, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): RetentionRule;
    static deserializeBinaryFromReader(message: RetentionRule, reader: jspb.BinaryReader): RetentionRule;
}

export namespace RetentionRule {
    export type AsObject = {
        pattern: string,
        limits: string,
    }
}

export class ListEventsRequest extends jspb.Message { 
    getSession(): string;
    setSession(value: string): ListEventsRequest;
    getChannel(): string;
    setChannel(value: string): ListEventsRequest;
    getOffset(): number;
    setOffset(value: number): ListEventsRequest;
    getLimit(): number;
    setLimit(value: number): ListEventsRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListEventsRequest.AsObject;
    static toObject(includeInstance: boolean, msg: ListEventsRequest): ListEventsRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListEventsRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListEventsRequest;
    static deserializeBinaryFromReader(message: ListEventsRequest, reader: jspb.BinaryReader): ListEventsRequest;
}

export namespace ListEventsRequest {
    export type AsObject = {
        session: string,
        channel: string,
        offset: number,
        limit: number,
    }
}

export class ListEventsResponse extends jspb.Message { 
    clearEventsList(): void;
    getEventsList(): Array<Event>;
    setEventsList(value: Array<Event>): ListEventsResponse;
    addEvents(value?: Event, index?: number): Event;
    getNode(): string;
    setNode(value: string): ListEventsResponse;
    getSinceMs(): number;
    setSinceMs(value: number): ListEventsResponse;
    getProgressSinceMs(): number;
    setProgressSinceMs(value: number): ListEventsResponse;
    getTruncated(): boolean;
    setTruncated(value: boolean): ListEventsResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ListEventsResponse.AsObject;
    static toObject(includeInstance: boolean, msg: ListEventsResponse): ListEventsResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ListEventsResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ListEventsResponse;
    static deserializeBinaryFromReader(message: ListEventsResponse, reader: jspb.BinaryReader): ListEventsResponse;
}

export namespace ListEventsResponse {
    export type AsObject = {
        eventsList: Array<Event.AsObject>,
        node: string,
        sinceMs: number,
        progressSinceMs: number,
        truncated: boolean,
    }
}

export class Event extends jspb.Message { 
    getKind(): Event.Kind;
    setKind(value: Event.Kind): Event;
    getAtMs(): number;
    setAtMs(value: number): Event;
    getSession(): string;
    setSession(value: string): Event;
    getName(): string;
    setName(value: string): Event;
    getPeer(): string;
    setPeer(value: string): Event;
    getMethod(): string;
    setMethod(value: string): Event;
    getChannel(): string;
    setChannel(value: string): Event;
    getEpoch(): number;
    setEpoch(value: number): Event;
    getOffset(): number;
    setOffset(value: number): Event;
    getFrom(): number;
    setFrom(value: number): Event;
    getTo(): number;
    setTo(value: number): Event;
    getReason(): string;
    setReason(value: string): Event;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Event.AsObject;
    static toObject(includeInstance: boolean, msg: Event): Event.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Event, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Event;
    static deserializeBinaryFromReader(message: Event, reader: jspb.BinaryReader): Event;
}

export namespace Event {
    export type AsObject = {
        kind: Event.Kind,
        atMs: number,
        session: string,
        name: string,
        peer: string,
        method: string,
        channel: string,
        epoch: number,
        offset: number,
        from: number,
        to: number,
        reason: string,
    }

    export enum Kind {
    UNSPECIFIED = 0,
    OPENED = 1,
    CLOSED = 2,
    SUBSCRIBED = 3,
    UNSUBSCRIBED = 4,
    GAP = 5,
    REFUSED = 6,
    MOVED = 7,
    TURNED_AWAY = 8,
    CHANGED = 9,
    ADMIN = 10,
    PROGRESS = 11,
    HEAD = 12,
    STORED = 13,
    }

}

export class GetActivityRequest extends jspb.Message { 
    getChannels(): number;
    setChannels(value: number): GetActivityRequest;
    getSlow(): number;
    setSlow(value: number): GetActivityRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): GetActivityRequest.AsObject;
    static toObject(includeInstance: boolean, msg: GetActivityRequest): GetActivityRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: GetActivityRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): GetActivityRequest;
    static deserializeBinaryFromReader(message: GetActivityRequest, reader: jspb.BinaryReader): GetActivityRequest;
}

export namespace GetActivityRequest {
    export type AsObject = {
        channels: number,
        slow: number,
    }
}

export class GetActivityResponse extends jspb.Message { 
    getNode(): string;
    setNode(value: string): GetActivityResponse;
    getAtMs(): number;
    setAtMs(value: number): GetActivityResponse;
    getSessions(): number;
    setSessions(value: number): GetActivityResponse;
    getPublishedMessages(): number;
    setPublishedMessages(value: number): GetActivityResponse;
    getDeliveredMessages(): number;
    setDeliveredMessages(value: number): GetActivityResponse;
    getFrameBytes(): number;
    setFrameBytes(value: number): GetActivityResponse;
    clearChannelsList(): void;
    getChannelsList(): Array<ChannelActivity>;
    setChannelsList(value: Array<ChannelActivity>): GetActivityResponse;
    addChannels(value?: ChannelActivity, index?: number): ChannelActivity;
    getChannelCount(): number;
    setChannelCount(value: number): GetActivityResponse;
    clearSlowList(): void;
    getSlowList(): Array<SlowSubscriber>;
    setSlowList(value: Array<SlowSubscriber>): GetActivityResponse;
    addSlow(value?: SlowSubscriber, index?: number): SlowSubscriber;
    getSlowCount(): number;
    setSlowCount(value: number): GetActivityResponse;
    getSubscriptions(): number;
    setSubscriptions(value: number): GetActivityResponse;
    getReady(): boolean;
    setReady(value: boolean): GetActivityResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): GetActivityResponse.AsObject;
    static toObject(includeInstance: boolean, msg: GetActivityResponse): GetActivityResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: GetActivityResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): GetActivityResponse;
    static deserializeBinaryFromReader(message: GetActivityResponse, reader: jspb.BinaryReader): GetActivityResponse;
}

export namespace GetActivityResponse {
    export type AsObject = {
        node: string,
        atMs: number,
        sessions: number,
        publishedMessages: number,
        deliveredMessages: number,
        frameBytes: number,
        channelsList: Array<ChannelActivity.AsObject>,
        channelCount: number,
        slowList: Array<SlowSubscriber.AsObject>,
        slowCount: number,
        subscriptions: number,
        ready: boolean,
    }
}

export class ChannelActivity extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): ChannelActivity;
    getNextOffset(): number;
    setNextOffset(value: number): ChannelActivity;
    getSubscribers(): number;
    setSubscribers(value: number): ChannelActivity;
    getReceivedMessages(): number;
    setReceivedMessages(value: number): ChannelActivity;
    getReceivedBytes(): number;
    setReceivedBytes(value: number): ChannelActivity;
    getLagMessages(): number;
    setLagMessages(value: number): ChannelActivity;
    getLagMs(): number;
    setLagMs(value: number): ChannelActivity;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ChannelActivity.AsObject;
    static toObject(includeInstance: boolean, msg: ChannelActivity): ChannelActivity.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ChannelActivity, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ChannelActivity;
    static deserializeBinaryFromReader(message: ChannelActivity, reader: jspb.BinaryReader): ChannelActivity;
}

export namespace ChannelActivity {
    export type AsObject = {
        channel: string,
        nextOffset: number,
        subscribers: number,
        receivedMessages: number,
        receivedBytes: number,
        lagMessages: number,
        lagMs: number,
    }
}
