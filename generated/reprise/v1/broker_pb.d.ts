// package: reprise.v1
// file: reprise/v1/broker.proto

/* tslint:disable */
/* eslint-disable */

import * as jspb from "google-protobuf";

export class ClientFrame extends jspb.Message { 
    clearItemsList(): void;
    getItemsList(): Array<ClientItem>;
    setItemsList(value: Array<ClientItem>): ClientFrame;
    addItems(value?: ClientItem, index?: number): ClientItem;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ClientFrame.AsObject;
    static toObject(includeInstance: boolean, msg: ClientFrame): ClientFrame.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ClientFrame, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ClientFrame;
    static deserializeBinaryFromReader(message: ClientFrame, reader: jspb.BinaryReader): ClientFrame;
}

export namespace ClientFrame {
    export type AsObject = {
        itemsList: Array<ClientItem.AsObject>,
    }
}

export class ClientItem extends jspb.Message { 

    hasHello(): boolean;
    clearHello(): void;
    getHello(): Hello | undefined;
    setHello(value?: Hello): ClientItem;

    hasPublish(): boolean;
    clearPublish(): void;
    getPublish(): Publish | undefined;
    setPublish(value?: Publish): ClientItem;

    hasSubscribe(): boolean;
    clearSubscribe(): void;
    getSubscribe(): Subscribe | undefined;
    setSubscribe(value?: Subscribe): ClientItem;

    hasUnsubscribe(): boolean;
    clearUnsubscribe(): void;
    getUnsubscribe(): Unsubscribe | undefined;
    setUnsubscribe(value?: Unsubscribe): ClientItem;

    hasEnter(): boolean;
    clearEnter(): void;
    getEnter(): Enter | undefined;
    setEnter(value?: Enter): ClientItem;

    hasLeave(): boolean;
    clearLeave(): void;
    getLeave(): Leave | undefined;
    setLeave(value?: Leave): ClientItem;

    hasWatchMembers(): boolean;
    clearWatchMembers(): void;
    getWatchMembers(): WatchMembers | undefined;
    setWatchMembers(value?: WatchMembers): ClientItem;

    hasUnwatchMembers(): boolean;
    clearUnwatchMembers(): void;
    getUnwatchMembers(): UnwatchMembers | undefined;
    setUnwatchMembers(value?: UnwatchMembers): ClientItem;

    hasAuthenticate(): boolean;
    clearAuthenticate(): void;
    getAuthenticate(): Authenticate | undefined;
    setAuthenticate(value?: Authenticate): ClientItem;

    getItemCase(): ClientItem.ItemCase;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ClientItem.AsObject;
    static toObject(includeInstance: boolean, msg: ClientItem): ClientItem.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ClientItem, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ClientItem;
    static deserializeBinaryFromReader(message: ClientItem, reader: jspb.BinaryReader): ClientItem;
}

export namespace ClientItem {
    export type AsObject = {
        hello?: Hello.AsObject,
        publish?: Publish.AsObject,
        subscribe?: Subscribe.AsObject,
        unsubscribe?: Unsubscribe.AsObject,
        enter?: Enter.AsObject,
        leave?: Leave.AsObject,
        watchMembers?: WatchMembers.AsObject,
        unwatchMembers?: UnwatchMembers.AsObject,
        authenticate?: Authenticate.AsObject,
    }

    export enum ItemCase {
        ITEM_NOT_SET = 0,
        HELLO = 1,
        PUBLISH = 2,
        SUBSCRIBE = 3,
        UNSUBSCRIBE = 4,
        ENTER = 5,
        LEAVE = 6,
        WATCH_MEMBERS = 7,
        UNWATCH_MEMBERS = 8,
        AUTHENTICATE = 16,
    }

}

export class ServerFrame extends jspb.Message { 
    clearItemsList(): void;
    getItemsList(): Array<ServerItem>;
    setItemsList(value: Array<ServerItem>): ServerFrame;
    addItems(value?: ServerItem, index?: number): ServerItem;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ServerFrame.AsObject;
    static toObject(includeInstance: boolean, msg: ServerFrame): ServerFrame.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ServerFrame, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ServerFrame;
    static deserializeBinaryFromReader(message: ServerFrame, reader: jspb.BinaryReader): ServerFrame;
}

export namespace ServerFrame {
    export type AsObject = {
        itemsList: Array<ServerItem.AsObject>,
    }
}

export class ServerItem extends jspb.Message { 

    hasWelcome(): boolean;
    clearWelcome(): void;
    getWelcome(): Welcome | undefined;
    setWelcome(value?: Welcome): ServerItem;

    hasSubscribed(): boolean;
    clearSubscribed(): void;
    getSubscribed(): Subscribed | undefined;
    setSubscribed(value?: Subscribed): ServerItem;

    hasUnsubscribed(): boolean;
    clearUnsubscribed(): void;
    getUnsubscribed(): Unsubscribed | undefined;
    setUnsubscribed(value?: Unsubscribed): ServerItem;

    hasBatch(): boolean;
    clearBatch(): void;
    getBatch(): Batch | undefined;
    setBatch(value?: Batch): ServerItem;

    hasGap(): boolean;
    clearGap(): void;
    getGap(): Gap | undefined;
    setGap(value?: Gap): ServerItem;

    hasCaughtUp(): boolean;
    clearCaughtUp(): void;
    getCaughtUp(): CaughtUp | undefined;
    setCaughtUp(value?: CaughtUp): ServerItem;

    hasPublished(): boolean;
    clearPublished(): void;
    getPublished(): Published | undefined;
    setPublished(value?: Published): ServerItem;

    hasError(): boolean;
    clearError(): void;
    getError(): Error | undefined;
    setError(value?: Error): ServerItem;

    hasHeartbeat(): boolean;
    clearHeartbeat(): void;
    getHeartbeat(): Heartbeat | undefined;
    setHeartbeat(value?: Heartbeat): ServerItem;

    hasDraining(): boolean;
    clearDraining(): void;
    getDraining(): Draining | undefined;
    setDraining(value?: Draining): ServerItem;

    hasNodes(): boolean;
    clearNodes(): void;
    getNodes(): Nodes | undefined;
    setNodes(value?: Nodes): ServerItem;

    hasEntered(): boolean;
    clearEntered(): void;
    getEntered(): Entered | undefined;
    setEntered(value?: Entered): ServerItem;

    hasLeft(): boolean;
    clearLeft(): void;
    getLeft(): Left | undefined;
    setLeft(value?: Left): ServerItem;

    hasMembers(): boolean;
    clearMembers(): void;
    getMembers(): Members | undefined;
    setMembers(value?: Members): ServerItem;

    hasMembersUnwatched(): boolean;
    clearMembersUnwatched(): void;
    getMembersUnwatched(): MembersUnwatched | undefined;
    setMembersUnwatched(value?: MembersUnwatched): ServerItem;

    hasCompressed(): boolean;
    clearCompressed(): void;
    getCompressed(): Compressed | undefined;
    setCompressed(value?: Compressed): ServerItem;

    hasAuthenticated(): boolean;
    clearAuthenticated(): void;
    getAuthenticated(): Authenticated | undefined;
    setAuthenticated(value?: Authenticated): ServerItem;

    getItemCase(): ServerItem.ItemCase;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ServerItem.AsObject;
    static toObject(includeInstance: boolean, msg: ServerItem): ServerItem.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ServerItem, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ServerItem;
    static deserializeBinaryFromReader(message: ServerItem, reader: jspb.BinaryReader): ServerItem;
}

export namespace ServerItem {
    export type AsObject = {
        welcome?: Welcome.AsObject,
        subscribed?: Subscribed.AsObject,
        unsubscribed?: Unsubscribed.AsObject,
        batch?: Batch.AsObject,
        gap?: Gap.AsObject,
        caughtUp?: CaughtUp.AsObject,
        published?: Published.AsObject,
        error?: Error.AsObject,
        heartbeat?: Heartbeat.AsObject,
        draining?: Draining.AsObject,
        nodes?: Nodes.AsObject,
        entered?: Entered.AsObject,
        left?: Left.AsObject,
        members?: Members.AsObject,
        membersUnwatched?: MembersUnwatched.AsObject,
        compressed?: Compressed.AsObject,
        authenticated?: Authenticated.AsObject,
    }

    export enum ItemCase {
        ITEM_NOT_SET = 0,
        WELCOME = 1,
        SUBSCRIBED = 2,
        UNSUBSCRIBED = 3,
        BATCH = 4,
        GAP = 5,
        CAUGHT_UP = 6,
        PUBLISHED = 7,
        ERROR = 8,
        HEARTBEAT = 9,
        DRAINING = 10,
        NODES = 11,
        ENTERED = 12,
        LEFT = 13,
        MEMBERS = 14,
        MEMBERS_UNWATCHED = 15,
        COMPRESSED = 16,
        AUTHENTICATED = 17,
    }

}

export class Hello extends jspb.Message { 
    getVersion(): number;
    setVersion(value: number): Hello;
    getName(): string;
    setName(value: string): Hello;
    getProducer(): Uint8Array | string;
    getProducer_asU8(): Uint8Array;
    getProducer_asB64(): string;
    setProducer(value: Uint8Array | string): Hello;
    getDiscover(): boolean;
    setDiscover(value: boolean): Hello;
    getMember(): string;
    setMember(value: string): Hello;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Hello.AsObject;
    static toObject(includeInstance: boolean, msg: Hello): Hello.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Hello, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Hello;
    static deserializeBinaryFromReader(message: Hello, reader: jspb.BinaryReader): Hello;
}

export namespace Hello {
    export type AsObject = {
        version: number,
        name: string,
        producer: Uint8Array | string,
        discover: boolean,
        member: string,
    }
}

export class Welcome extends jspb.Message { 
    getVersion(): number;
    setVersion(value: number): Welcome;
    getNode(): string;
    setNode(value: string): Welcome;
    getSession(): string;
    setSession(value: string): Welcome;

    hasLimits(): boolean;
    clearLimits(): void;
    getLimits(): Limits | undefined;
    setLimits(value?: Limits): Welcome;
    getHeartbeatIntervalMs(): number;
    setHeartbeatIntervalMs(value: number): Welcome;
    getAckLevel(): AckLevel;
    setAckLevel(value: AckLevel): Welcome;
    getReplicas(): number;
    setReplicas(value: number): Welcome;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Welcome.AsObject;
    static toObject(includeInstance: boolean, msg: Welcome): Welcome.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Welcome, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Welcome;
    static deserializeBinaryFromReader(message: Welcome, reader: jspb.BinaryReader): Welcome;
}

export namespace Welcome {
    export type AsObject = {
        version: number,
        node: string,
        session: string,
        limits?: Limits.AsObject,
        heartbeatIntervalMs: number,
        ackLevel: AckLevel,
        replicas: number,
    }
}

export class Limits extends jspb.Message { 
    getMaxMessageBytes(): number;
    setMaxMessageBytes(value: number): Limits;
    getMaxPublishMessages(): number;
    setMaxPublishMessages(value: number): Limits;
    getMaxPublishBytes(): number;
    setMaxPublishBytes(value: number): Limits;
    getPublishWindowBytes(): number;
    setPublishWindowBytes(value: number): Limits;
    getMaxSubscriptions(): number;
    setMaxSubscriptions(value: number): Limits;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Limits.AsObject;
    static toObject(includeInstance: boolean, msg: Limits): Limits.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Limits, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Limits;
    static deserializeBinaryFromReader(message: Limits, reader: jspb.BinaryReader): Limits;
}

export namespace Limits {
    export type AsObject = {
        maxMessageBytes: number,
        maxPublishMessages: number,
        maxPublishBytes: number,
        publishWindowBytes: number,
        maxSubscriptions: number,
    }
}

export class Message extends jspb.Message { 
    getData(): Uint8Array | string;
    getData_asU8(): Uint8Array;
    getData_asB64(): string;
    setData(value: Uint8Array | string): Message;
    clearHeadersList(): void;
    getHeadersList(): Array<Header>;
    setHeadersList(value: Array<Header>): Message;
    addHeaders(value?: Header, index?: number): Header;
    getPublisher(): string;
    setPublisher(value: string): Message;
    getSession(): string;
    setSession(value: string): Message;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Message.AsObject;
    static toObject(includeInstance: boolean, msg: Message): Message.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Message, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Message;
    static deserializeBinaryFromReader(message: Message, reader: jspb.BinaryReader): Message;
}

export namespace Message {
    export type AsObject = {
        data: Uint8Array | string,
        headersList: Array<Header.AsObject>,
        publisher: string,
        session: string,
    }
}

export class Header extends jspb.Message { 
    getKey(): string;
    setKey(value: string): Header;
    getValue(): string;
    setValue(value: string): Header;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Header.AsObject;
    static toObject(includeInstance: boolean, msg: Header): Header.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Header, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Header;
    static deserializeBinaryFromReader(message: Header, reader: jspb.BinaryReader): Header;
}

export namespace Header {
    export type AsObject = {
        key: string,
        value: string,
    }
}

export class Batch extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Batch;
    getEpoch(): number;
    setEpoch(value: number): Batch;
    getFirstOffset(): number;
    setFirstOffset(value: number): Batch;
    getCount(): number;
    setCount(value: number): Batch;
    getStoredAtMs(): number;
    setStoredAtMs(value: number): Batch;
    clearMessagesList(): void;
    getMessagesList(): Array<Message>;
    setMessagesList(value: Array<Message>): Batch;
    addMessages(value?: Message, index?: number): Message;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Batch.AsObject;
    static toObject(includeInstance: boolean, msg: Batch): Batch.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Batch, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Batch;
    static deserializeBinaryFromReader(message: Batch, reader: jspb.BinaryReader): Batch;
}

export namespace Batch {
    export type AsObject = {
        channel: string,
        epoch: number,
        firstOffset: number,
        count: number,
        storedAtMs: number,
        messagesList: Array<Message.AsObject>,
    }
}

export class Compressed extends jspb.Message { 
    getCompression(): Compression;
    setCompression(value: Compression): Compressed;
    getSize(): number;
    setSize(value: number): Compressed;
    getFrame(): Uint8Array | string;
    getFrame_asU8(): Uint8Array;
    getFrame_asB64(): string;
    setFrame(value: Uint8Array | string): Compressed;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Compressed.AsObject;
    static toObject(includeInstance: boolean, msg: Compressed): Compressed.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Compressed, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Compressed;
    static deserializeBinaryFromReader(message: Compressed, reader: jspb.BinaryReader): Compressed;
}

export namespace Compressed {
    export type AsObject = {
        compression: Compression,
        size: number,
        frame: Uint8Array | string,
    }
}

export class Position extends jspb.Message { 
    getEpoch(): number;
    setEpoch(value: number): Position;
    getOffset(): number;
    setOffset(value: number): Position;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Position.AsObject;
    static toObject(includeInstance: boolean, msg: Position): Position.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Position, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Position;
    static deserializeBinaryFromReader(message: Position, reader: jspb.BinaryReader): Position;
}

export namespace Position {
    export type AsObject = {
        epoch: number,
        offset: number,
    }
}

export class Publish extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Publish;
    getSequence(): number;
    setSequence(value: number): Publish;
    clearMessagesList(): void;
    getMessagesList(): Array<Message>;
    setMessagesList(value: Array<Message>): Publish;
    addMessages(value?: Message, index?: number): Message;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Publish.AsObject;
    static toObject(includeInstance: boolean, msg: Publish): Publish.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Publish, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Publish;
    static deserializeBinaryFromReader(message: Publish, reader: jspb.BinaryReader): Publish;
}

export namespace Publish {
    export type AsObject = {
        channel: string,
        sequence: number,
        messagesList: Array<Message.AsObject>,
    }
}

export class Published extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Published;
    getSequence(): number;
    setSequence(value: number): Published;
    getCount(): number;
    setCount(value: number): Published;
    getEpoch(): number;
    setEpoch(value: number): Published;
    getFirstOffset(): number;
    setFirstOffset(value: number): Published;
    getDuplicate(): boolean;
    setDuplicate(value: boolean): Published;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Published.AsObject;
    static toObject(includeInstance: boolean, msg: Published): Published.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Published, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Published;
    static deserializeBinaryFromReader(message: Published, reader: jspb.BinaryReader): Published;
}

export namespace Published {
    export type AsObject = {
        channel: string,
        sequence: number,
        count: number,
        epoch: number,
        firstOffset: number,
        duplicate: boolean,
    }
}

export class Start extends jspb.Message { 

    hasNew(): boolean;
    clearNew(): void;
    getNew(): boolean;
    setNew(value: boolean): Start;

    hasEarliest(): boolean;
    clearEarliest(): void;
    getEarliest(): boolean;
    setEarliest(value: boolean): Start;

    hasLast(): boolean;
    clearLast(): void;
    getLast(): number;
    setLast(value: number): Start;

    hasOffset(): boolean;
    clearOffset(): void;
    getOffset(): number;
    setOffset(value: number): Start;

    hasTimeMs(): boolean;
    clearTimeMs(): void;
    getTimeMs(): number;
    setTimeMs(value: number): Start;

    hasAfter(): boolean;
    clearAfter(): void;
    getAfter(): Position | undefined;
    setAfter(value?: Position): Start;

    getStartCase(): Start.StartCase;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Start.AsObject;
    static toObject(includeInstance: boolean, msg: Start): Start.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Start, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Start;
    static deserializeBinaryFromReader(message: Start, reader: jspb.BinaryReader): Start;
}

export namespace Start {
    export type AsObject = {
        pb_new: boolean,
        earliest: boolean,
        last: number,
        offset: number,
        timeMs: number,
        after?: Position.AsObject,
    }

    export enum StartCase {
        START_NOT_SET = 0,
        NEW = 1,
        EARLIEST = 2,
        LAST = 3,
        OFFSET = 4,
        TIME_MS = 5,
        AFTER = 6,
    }

}

export class Subscribe extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Subscribe;

    hasStart(): boolean;
    clearStart(): void;
    getStart(): Start | undefined;
    setStart(value?: Start): Subscribe;
    getCompression(): Compression;
    setCompression(value: Compression): Subscribe;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Subscribe.AsObject;
    static toObject(includeInstance: boolean, msg: Subscribe): Subscribe.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Subscribe, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Subscribe;
    static deserializeBinaryFromReader(message: Subscribe, reader: jspb.BinaryReader): Subscribe;
}

export namespace Subscribe {
    export type AsObject = {
        channel: string,
        start?: Start.AsObject,
        compression: Compression,
    }
}

export class Subscribed extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Subscribed;

    hasPosition(): boolean;
    clearPosition(): void;
    getPosition(): Position | undefined;
    setPosition(value?: Position): Subscribed;

    hasHead(): boolean;
    clearHead(): void;
    getHead(): Position | undefined;
    setHead(value?: Position): Subscribed;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Subscribed.AsObject;
    static toObject(includeInstance: boolean, msg: Subscribed): Subscribed.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Subscribed, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Subscribed;
    static deserializeBinaryFromReader(message: Subscribed, reader: jspb.BinaryReader): Subscribed;
}

export namespace Subscribed {
    export type AsObject = {
        channel: string,
        position?: Position.AsObject,
        head?: Position.AsObject,
    }
}

export class Unsubscribe extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Unsubscribe;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Unsubscribe.AsObject;
    static toObject(includeInstance: boolean, msg: Unsubscribe): Unsubscribe.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Unsubscribe, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Unsubscribe;
    static deserializeBinaryFromReader(message: Unsubscribe, reader: jspb.BinaryReader): Unsubscribe;
}

export namespace Unsubscribe {
    export type AsObject = {
        channel: string,
    }
}

export class Unsubscribed extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Unsubscribed;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Unsubscribed.AsObject;
    static toObject(includeInstance: boolean, msg: Unsubscribed): Unsubscribed.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Unsubscribed, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Unsubscribed;
    static deserializeBinaryFromReader(message: Unsubscribed, reader: jspb.BinaryReader): Unsubscribed;
}

export namespace Unsubscribed {
    export type AsObject = {
        channel: string,
    }
}

export class Gap extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Gap;
    getReason(): Gap.Reason;
    setReason(value: Gap.Reason): Gap;
    getFromOffset(): number;
    setFromOffset(value: number): Gap;
    getToOffset(): number;
    setToOffset(value: number): Gap;

    hasPosition(): boolean;
    clearPosition(): void;
    getPosition(): Position | undefined;
    setPosition(value?: Position): Gap;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Gap.AsObject;
    static toObject(includeInstance: boolean, msg: Gap): Gap.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Gap, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Gap;
    static deserializeBinaryFromReader(message: Gap, reader: jspb.BinaryReader): Gap;
}

export namespace Gap {
    export type AsObject = {
        channel: string,
        reason: Gap.Reason,
        fromOffset: number,
        toOffset: number,
        position?: Position.AsObject,
    }

    export enum Reason {
    UNSPECIFIED = 0,
    TRIMMED = 1,
    DIVERGED = 2,
    RESET = 3,
    CORRUPT = 4,
    }

}

export class CaughtUp extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): CaughtUp;

    hasPosition(): boolean;
    clearPosition(): void;
    getPosition(): Position | undefined;
    setPosition(value?: Position): CaughtUp;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): CaughtUp.AsObject;
    static toObject(includeInstance: boolean, msg: CaughtUp): CaughtUp.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: CaughtUp, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): CaughtUp;
    static deserializeBinaryFromReader(message: CaughtUp, reader: jspb.BinaryReader): CaughtUp;
}

export namespace CaughtUp {
    export type AsObject = {
        channel: string,
        position?: Position.AsObject,
    }
}

export class Error extends jspb.Message { 
    getCode(): string;
    setCode(value: string): Error;
    getMessage(): string;
    setMessage(value: string): Error;
    getRetryable(): boolean;
    setRetryable(value: boolean): Error;
    getChannel(): string;
    setChannel(value: string): Error;
    getSequence(): number;
    setSequence(value: number): Error;
    getExpectedSequence(): number;
    setExpectedSequence(value: number): Error;
    getCount(): number;
    setCount(value: number): Error;
    getRequest(): number;
    setRequest(value: number): Error;
    getRetryAfterMs(): number;
    setRetryAfterMs(value: number): Error;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Error.AsObject;
    static toObject(includeInstance: boolean, msg: Error): Error.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Error, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Error;
    static deserializeBinaryFromReader(message: Error, reader: jspb.BinaryReader): Error;
}

export namespace Error {
    export type AsObject = {
        code: string,
        message: string,
        retryable: boolean,
        channel: string,
        sequence: number,
        expectedSequence: number,
        count: number,
        request: number,
        retryAfterMs: number,
    }
}

export class Heartbeat extends jspb.Message { 
    getTimeMs(): number;
    setTimeMs(value: number): Heartbeat;
    clearHeadsList(): void;
    getHeadsList(): Array<ChannelPosition>;
    setHeadsList(value: Array<ChannelPosition>): Heartbeat;
    addHeads(value?: ChannelPosition, index?: number): ChannelPosition;
    getBufferAway(): boolean;
    setBufferAway(value: boolean): Heartbeat;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Heartbeat.AsObject;
    static toObject(includeInstance: boolean, msg: Heartbeat): Heartbeat.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Heartbeat, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Heartbeat;
    static deserializeBinaryFromReader(message: Heartbeat, reader: jspb.BinaryReader): Heartbeat;
}

export namespace Heartbeat {
    export type AsObject = {
        timeMs: number,
        headsList: Array<ChannelPosition.AsObject>,
        bufferAway: boolean,
    }
}

export class Draining extends jspb.Message { 
    getRetryAfterMs(): number;
    setRetryAfterMs(value: number): Draining;
    clearAddressesList(): void;
    getAddressesList(): Array<string>;
    setAddressesList(value: Array<string>): Draining;
    addAddresses(value: string, index?: number): string;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Draining.AsObject;
    static toObject(includeInstance: boolean, msg: Draining): Draining.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Draining, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Draining;
    static deserializeBinaryFromReader(message: Draining, reader: jspb.BinaryReader): Draining;
}

export namespace Draining {
    export type AsObject = {
        retryAfterMs: number,
        addressesList: Array<string>,
    }
}

export class Nodes extends jspb.Message { 
    clearAddressesList(): void;
    getAddressesList(): Array<string>;
    setAddressesList(value: Array<string>): Nodes;
    addAddresses(value: string, index?: number): string;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Nodes.AsObject;
    static toObject(includeInstance: boolean, msg: Nodes): Nodes.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Nodes, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Nodes;
    static deserializeBinaryFromReader(message: Nodes, reader: jspb.BinaryReader): Nodes;
}

export namespace Nodes {
    export type AsObject = {
        addressesList: Array<string>,
    }
}

export class Authenticate extends jspb.Message { 
    getToken(): string;
    setToken(value: string): Authenticate;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Authenticate.AsObject;
    static toObject(includeInstance: boolean, msg: Authenticate): Authenticate.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Authenticate, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Authenticate;
    static deserializeBinaryFromReader(message: Authenticate, reader: jspb.BinaryReader): Authenticate;
}

export namespace Authenticate {
    export type AsObject = {
        token: string,
    }
}

export class Authenticated extends jspb.Message { 
    getName(): string;
    setName(value: string): Authenticated;
    getMember(): string;
    setMember(value: string): Authenticated;
    getExpiresInMs(): number;
    setExpiresInMs(value: number): Authenticated;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Authenticated.AsObject;
    static toObject(includeInstance: boolean, msg: Authenticated): Authenticated.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Authenticated, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Authenticated;
    static deserializeBinaryFromReader(message: Authenticated, reader: jspb.BinaryReader): Authenticated;
}

export namespace Authenticated {
    export type AsObject = {
        name: string,
        member: string,
        expiresInMs: number,
    }
}

export class Enter extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Enter;
    clearMetadataList(): void;
    getMetadataList(): Array<Header>;
    setMetadataList(value: Array<Header>): Enter;
    addMetadata(value?: Header, index?: number): Header;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Enter.AsObject;
    static toObject(includeInstance: boolean, msg: Enter): Enter.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Enter, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Enter;
    static deserializeBinaryFromReader(message: Enter, reader: jspb.BinaryReader): Enter;
}

export namespace Enter {
    export type AsObject = {
        channel: string,
        metadataList: Array<Header.AsObject>,
    }
}

export class Entered extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Entered;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Entered.AsObject;
    static toObject(includeInstance: boolean, msg: Entered): Entered.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Entered, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Entered;
    static deserializeBinaryFromReader(message: Entered, reader: jspb.BinaryReader): Entered;
}

export namespace Entered {
    export type AsObject = {
        channel: string,
    }
}

export class Leave extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Leave;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Leave.AsObject;
    static toObject(includeInstance: boolean, msg: Leave): Leave.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Leave, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Leave;
    static deserializeBinaryFromReader(message: Leave, reader: jspb.BinaryReader): Leave;
}

export namespace Leave {
    export type AsObject = {
        channel: string,
    }
}

export class Left extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Left;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Left.AsObject;
    static toObject(includeInstance: boolean, msg: Left): Left.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Left, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Left;
    static deserializeBinaryFromReader(message: Left, reader: jspb.BinaryReader): Left;
}

export namespace Left {
    export type AsObject = {
        channel: string,
    }
}

export class WatchMembers extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): WatchMembers;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): WatchMembers.AsObject;
    static toObject(includeInstance: boolean, msg: WatchMembers): WatchMembers.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: WatchMembers, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): WatchMembers;
    static deserializeBinaryFromReader(message: WatchMembers, reader: jspb.BinaryReader): WatchMembers;
}

export namespace WatchMembers {
    export type AsObject = {
        channel: string,
    }
}

export class UnwatchMembers extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): UnwatchMembers;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): UnwatchMembers.AsObject;
    static toObject(includeInstance: boolean, msg: UnwatchMembers): UnwatchMembers.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: UnwatchMembers, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): UnwatchMembers;
    static deserializeBinaryFromReader(message: UnwatchMembers, reader: jspb.BinaryReader): UnwatchMembers;
}

export namespace UnwatchMembers {
    export type AsObject = {
        channel: string,
    }
}

export class MembersUnwatched extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): MembersUnwatched;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): MembersUnwatched.AsObject;
    static toObject(includeInstance: boolean, msg: MembersUnwatched): MembersUnwatched.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: MembersUnwatched, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): MembersUnwatched;
    static deserializeBinaryFromReader(message: MembersUnwatched, reader: jspb.BinaryReader): MembersUnwatched;
}

export namespace MembersUnwatched {
    export type AsObject = {
        channel: string,
    }
}

export class Member extends jspb.Message { 
    getId(): string;
    setId(value: string): Member;
    getName(): string;
    setName(value: string): Member;
    clearMetadataList(): void;
    getMetadataList(): Array<Header>;
    setMetadataList(value: Array<Header>): Member;
    addMetadata(value?: Header, index?: number): Header;
    getNode(): string;
    setNode(value: string): Member;
    getSinceMs(): number;
    setSinceMs(value: number): Member;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Member.AsObject;
    static toObject(includeInstance: boolean, msg: Member): Member.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Member, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Member;
    static deserializeBinaryFromReader(message: Member, reader: jspb.BinaryReader): Member;
}

export namespace Member {
    export type AsObject = {
        id: string,
        name: string,
        metadataList: Array<Header.AsObject>,
        node: string,
        sinceMs: number,
    }
}

export class Members extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): Members;
    getComplete(): boolean;
    setComplete(value: boolean): Members;
    clearJoinedList(): void;
    getJoinedList(): Array<Member>;
    setJoinedList(value: Array<Member>): Members;
    addJoined(value?: Member, index?: number): Member;
    clearChangedList(): void;
    getChangedList(): Array<Member>;
    setChangedList(value: Array<Member>): Members;
    addChanged(value?: Member, index?: number): Member;
    clearLeftList(): void;
    getLeftList(): Array<string>;
    setLeftList(value: Array<string>): Members;
    addLeft(value: string, index?: number): string;
    getMore(): boolean;
    setMore(value: boolean): Members;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): Members.AsObject;
    static toObject(includeInstance: boolean, msg: Members): Members.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: Members, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): Members;
    static deserializeBinaryFromReader(message: Members, reader: jspb.BinaryReader): Members;
}

export namespace Members {
    export type AsObject = {
        channel: string,
        complete: boolean,
        joinedList: Array<Member.AsObject>,
        changedList: Array<Member.AsObject>,
        leftList: Array<string>,
        more: boolean,
    }
}

export class PublishRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): PublishRequest;
    getIdempotencyKey(): Uint8Array | string;
    getIdempotencyKey_asU8(): Uint8Array;
    getIdempotencyKey_asB64(): string;
    setIdempotencyKey(value: Uint8Array | string): PublishRequest;
    getName(): string;
    setName(value: string): PublishRequest;
    clearMessagesList(): void;
    getMessagesList(): Array<Message>;
    setMessagesList(value: Array<Message>): PublishRequest;
    addMessages(value?: Message, index?: number): Message;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): PublishRequest.AsObject;
    static toObject(includeInstance: boolean, msg: PublishRequest): PublishRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: PublishRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): PublishRequest;
    static deserializeBinaryFromReader(message: PublishRequest, reader: jspb.BinaryReader): PublishRequest;
}

export namespace PublishRequest {
    export type AsObject = {
        channel: string,
        idempotencyKey: Uint8Array | string,
        name: string,
        messagesList: Array<Message.AsObject>,
    }
}

export class PublishResponse extends jspb.Message { 
    getEpoch(): number;
    setEpoch(value: number): PublishResponse;
    getFirstOffset(): number;
    setFirstOffset(value: number): PublishResponse;
    getCount(): number;
    setCount(value: number): PublishResponse;
    getDuplicate(): boolean;
    setDuplicate(value: boolean): PublishResponse;
    clearRunsList(): void;
    getRunsList(): Array<StoredRun>;
    setRunsList(value: Array<StoredRun>): PublishResponse;
    addRuns(value?: StoredRun, index?: number): StoredRun;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): PublishResponse.AsObject;
    static toObject(includeInstance: boolean, msg: PublishResponse): PublishResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: PublishResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): PublishResponse;
    static deserializeBinaryFromReader(message: PublishResponse, reader: jspb.BinaryReader): PublishResponse;
}

export namespace PublishResponse {
    export type AsObject = {
        epoch: number,
        firstOffset: number,
        count: number,
        duplicate: boolean,
        runsList: Array<StoredRun.AsObject>,
    }
}

export class StoredRun extends jspb.Message { 
    getEpoch(): number;
    setEpoch(value: number): StoredRun;
    getFirstOffset(): number;
    setFirstOffset(value: number): StoredRun;
    getCount(): number;
    setCount(value: number): StoredRun;
    getDuplicate(): boolean;
    setDuplicate(value: boolean): StoredRun;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): StoredRun.AsObject;
    static toObject(includeInstance: boolean, msg: StoredRun): StoredRun.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: StoredRun, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): StoredRun;
    static deserializeBinaryFromReader(message: StoredRun, reader: jspb.BinaryReader): StoredRun;
}

export namespace StoredRun {
    export type AsObject = {
        epoch: number,
        firstOffset: number,
        count: number,
        duplicate: boolean,
    }
}

export class PublishSummary extends jspb.Message { 
    getMessages(): number;
    setMessages(value: number): PublishSummary;
    getDuplicates(): number;
    setDuplicates(value: number): PublishSummary;
    clearPositionsList(): void;
    getPositionsList(): Array<ChannelPosition>;
    setPositionsList(value: Array<ChannelPosition>): PublishSummary;
    addPositions(value?: ChannelPosition, index?: number): ChannelPosition;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): PublishSummary.AsObject;
    static toObject(includeInstance: boolean, msg: PublishSummary): PublishSummary.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: PublishSummary, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): PublishSummary;
    static deserializeBinaryFromReader(message: PublishSummary, reader: jspb.BinaryReader): PublishSummary;
}

export namespace PublishSummary {
    export type AsObject = {
        messages: number,
        duplicates: number,
        positionsList: Array<ChannelPosition.AsObject>,
    }
}

export class ChannelPosition extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): ChannelPosition;

    hasPosition(): boolean;
    clearPosition(): void;
    getPosition(): Position | undefined;
    setPosition(value?: Position): ChannelPosition;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): ChannelPosition.AsObject;
    static toObject(includeInstance: boolean, msg: ChannelPosition): ChannelPosition.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: ChannelPosition, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): ChannelPosition;
    static deserializeBinaryFromReader(message: ChannelPosition, reader: jspb.BinaryReader): ChannelPosition;
}

export namespace ChannelPosition {
    export type AsObject = {
        channel: string,
        position?: Position.AsObject,
    }
}

export class SubscribeRequest extends jspb.Message { 
    clearSubscriptionsList(): void;
    getSubscriptionsList(): Array<Subscribe>;
    setSubscriptionsList(value: Array<Subscribe>): SubscribeRequest;
    addSubscriptions(value?: Subscribe, index?: number): Subscribe;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): SubscribeRequest.AsObject;
    static toObject(includeInstance: boolean, msg: SubscribeRequest): SubscribeRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: SubscribeRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): SubscribeRequest;
    static deserializeBinaryFromReader(message: SubscribeRequest, reader: jspb.BinaryReader): SubscribeRequest;
}

export namespace SubscribeRequest {
    export type AsObject = {
        subscriptionsList: Array<Subscribe.AsObject>,
    }
}

export class HistoryRequest extends jspb.Message { 
    getChannel(): string;
    setChannel(value: string): HistoryRequest;

    hasStart(): boolean;
    clearStart(): void;
    getStart(): Start | undefined;
    setStart(value?: Start): HistoryRequest;
    getLimit(): number;
    setLimit(value: number): HistoryRequest;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): HistoryRequest.AsObject;
    static toObject(includeInstance: boolean, msg: HistoryRequest): HistoryRequest.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: HistoryRequest, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): HistoryRequest;
    static deserializeBinaryFromReader(message: HistoryRequest, reader: jspb.BinaryReader): HistoryRequest;
}

export namespace HistoryRequest {
    export type AsObject = {
        channel: string,
        start?: Start.AsObject,
        limit: number,
    }
}

export class HistoryResponse extends jspb.Message { 
    clearItemsList(): void;
    getItemsList(): Array<ServerItem>;
    setItemsList(value: Array<ServerItem>): HistoryResponse;
    addItems(value?: ServerItem, index?: number): ServerItem;

    hasPosition(): boolean;
    clearPosition(): void;
    getPosition(): Position | undefined;
    setPosition(value?: Position): HistoryResponse;
    getEnd(): boolean;
    setEnd(value: boolean): HistoryResponse;

    serializeBinary(): Uint8Array;
    toObject(includeInstance?: boolean): HistoryResponse.AsObject;
    static toObject(includeInstance: boolean, msg: HistoryResponse): HistoryResponse.AsObject;
    static extensions: {[key: number]: jspb.ExtensionFieldInfo<jspb.Message>};
    static extensionsBinary: {[key: number]: jspb.ExtensionFieldBinaryInfo<jspb.Message>};
    static serializeBinaryToWriter(message: HistoryResponse, writer: jspb.BinaryWriter): void;
    static deserializeBinary(bytes: Uint8Array): HistoryResponse;
    static deserializeBinaryFromReader(message: HistoryResponse, reader: jspb.BinaryReader): HistoryResponse;
}

export namespace HistoryResponse {
    export type AsObject = {
        itemsList: Array<ServerItem.AsObject>,
        position?: Position.AsObject,
        end: boolean,
    }
}

export enum AckLevel {
    ACK_LEVEL_UNSPECIFIED = 0,
    STORED = 1,
    FSYNCED = 2,
    REPLICATED = 3,
}

export enum Compression {
    NOT_COMPRESSED = 0,
    DEFLATE = 1,
}
