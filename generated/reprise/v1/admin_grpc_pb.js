// GENERATED CODE -- DO NOT EDIT!

// Original file comments:
// What an operator asks a node.
'use strict';
var grpc = require('@grpc/grpc-js');
var reprise_v1_admin_pb = require('../../reprise/v1/admin_pb.js');
var reprise_v1_broker_pb = require('../../reprise/v1/broker_pb.js');

function serialize_reprise_v1_ChannelInfo(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ChannelInfo)) {
    throw new Error('Expected argument of type reprise.v1.ChannelInfo');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ChannelInfo(buffer_arg) {
  return reprise_v1_admin_pb.ChannelInfo.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_DeleteChannelRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.DeleteChannelRequest)) {
    throw new Error('Expected argument of type reprise.v1.DeleteChannelRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_DeleteChannelRequest(buffer_arg) {
  return reprise_v1_admin_pb.DeleteChannelRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_DeleteChannelResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.DeleteChannelResponse)) {
    throw new Error('Expected argument of type reprise.v1.DeleteChannelResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_DeleteChannelResponse(buffer_arg) {
  return reprise_v1_admin_pb.DeleteChannelResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_DisconnectSessionRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.DisconnectSessionRequest)) {
    throw new Error('Expected argument of type reprise.v1.DisconnectSessionRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_DisconnectSessionRequest(buffer_arg) {
  return reprise_v1_admin_pb.DisconnectSessionRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_DisconnectSessionResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.DisconnectSessionResponse)) {
    throw new Error('Expected argument of type reprise.v1.DisconnectSessionResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_DisconnectSessionResponse(buffer_arg) {
  return reprise_v1_admin_pb.DisconnectSessionResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_DrainProgress(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.DrainProgress)) {
    throw new Error('Expected argument of type reprise.v1.DrainProgress');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_DrainProgress(buffer_arg) {
  return reprise_v1_admin_pb.DrainProgress.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_DrainRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.DrainRequest)) {
    throw new Error('Expected argument of type reprise.v1.DrainRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_DrainRequest(buffer_arg) {
  return reprise_v1_admin_pb.DrainRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_GetActivityRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.GetActivityRequest)) {
    throw new Error('Expected argument of type reprise.v1.GetActivityRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_GetActivityRequest(buffer_arg) {
  return reprise_v1_admin_pb.GetActivityRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_GetActivityResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.GetActivityResponse)) {
    throw new Error('Expected argument of type reprise.v1.GetActivityResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_GetActivityResponse(buffer_arg) {
  return reprise_v1_admin_pb.GetActivityResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_GetChannelRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.GetChannelRequest)) {
    throw new Error('Expected argument of type reprise.v1.GetChannelRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_GetChannelRequest(buffer_arg) {
  return reprise_v1_admin_pb.GetChannelRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListChannelsRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListChannelsRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListChannelsRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListChannelsRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListChannelsRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListChannelsResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListChannelsResponse)) {
    throw new Error('Expected argument of type reprise.v1.ListChannelsResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListChannelsResponse(buffer_arg) {
  return reprise_v1_admin_pb.ListChannelsResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListEventsRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListEventsRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListEventsRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListEventsRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListEventsRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListEventsResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListEventsResponse)) {
    throw new Error('Expected argument of type reprise.v1.ListEventsResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListEventsResponse(buffer_arg) {
  return reprise_v1_admin_pb.ListEventsResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListMembersRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListMembersRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListMembersRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListMembersRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListMembersRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListMembersResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListMembersResponse)) {
    throw new Error('Expected argument of type reprise.v1.ListMembersResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListMembersResponse(buffer_arg) {
  return reprise_v1_admin_pb.ListMembersResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListNodesRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListNodesRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListNodesRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListNodesRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListNodesRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListNodesResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListNodesResponse)) {
    throw new Error('Expected argument of type reprise.v1.ListNodesResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListNodesResponse(buffer_arg) {
  return reprise_v1_admin_pb.ListNodesResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListRetentionRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListRetentionRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListRetentionRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListRetentionRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListRetentionRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListSessionsRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListSessionsRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListSessionsRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListSessionsRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListSessionsRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListSessionsResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListSessionsResponse)) {
    throw new Error('Expected argument of type reprise.v1.ListSessionsResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListSessionsResponse(buffer_arg) {
  return reprise_v1_admin_pb.ListSessionsResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListSlowSubscribersRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListSlowSubscribersRequest)) {
    throw new Error('Expected argument of type reprise.v1.ListSlowSubscribersRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListSlowSubscribersRequest(buffer_arg) {
  return reprise_v1_admin_pb.ListSlowSubscribersRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_ListSlowSubscribersResponse(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ListSlowSubscribersResponse)) {
    throw new Error('Expected argument of type reprise.v1.ListSlowSubscribersResponse');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ListSlowSubscribersResponse(buffer_arg) {
  return reprise_v1_admin_pb.ListSlowSubscribersResponse.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_RetentionRules(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.RetentionRules)) {
    throw new Error('Expected argument of type reprise.v1.RetentionRules');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_RetentionRules(buffer_arg) {
  return reprise_v1_admin_pb.RetentionRules.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_SetRetentionRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.SetRetentionRequest)) {
    throw new Error('Expected argument of type reprise.v1.SetRetentionRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_SetRetentionRequest(buffer_arg) {
  return reprise_v1_admin_pb.SetRetentionRequest.deserializeBinary(new Uint8Array(buffer_arg));
}

function serialize_reprise_v1_TrimChannelRequest(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.TrimChannelRequest)) {
    throw new Error('Expected argument of type reprise.v1.TrimChannelRequest');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_TrimChannelRequest(buffer_arg) {
  return reprise_v1_admin_pb.TrimChannelRequest.deserializeBinary(new Uint8Array(buffer_arg));
}


var AdminService = exports.AdminService = {
  // Channels in the buffer, in pages; the order is the buffer's own.
  listChannels: {
    path: '/reprise.v1.Admin/ListChannels',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListChannelsRequest,
    responseType: reprise_v1_admin_pb.ListChannelsResponse,
    requestSerialize: serialize_reprise_v1_ListChannelsRequest,
    requestDeserialize: deserialize_reprise_v1_ListChannelsRequest,
    responseSerialize: serialize_reprise_v1_ListChannelsResponse,
    responseDeserialize: deserialize_reprise_v1_ListChannelsResponse,
  },
  // One channel. NOT_FOUND if it does not exist; asking creates nothing.
  getChannel: {
    path: '/reprise.v1.Admin/GetChannel',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.GetChannelRequest,
    responseType: reprise_v1_admin_pb.ChannelInfo,
    requestSerialize: serialize_reprise_v1_GetChannelRequest,
    requestDeserialize: deserialize_reprise_v1_GetChannelRequest,
    responseSerialize: serialize_reprise_v1_ChannelInfo,
    responseDeserialize: deserialize_reprise_v1_ChannelInfo,
  },
  // The live sessions of this node.
  listSessions: {
    path: '/reprise.v1.Admin/ListSessions',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListSessionsRequest,
    responseType: reprise_v1_admin_pb.ListSessionsResponse,
    requestSerialize: serialize_reprise_v1_ListSessionsRequest,
    requestDeserialize: deserialize_reprise_v1_ListSessionsRequest,
    responseSerialize: serialize_reprise_v1_ListSessionsResponse,
    responseDeserialize: deserialize_reprise_v1_ListSessionsResponse,
  },
  // The live nodes that share this node's store, itself included.
  listNodes: {
    path: '/reprise.v1.Admin/ListNodes',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListNodesRequest,
    responseType: reprise_v1_admin_pb.ListNodesResponse,
    requestSerialize: serialize_reprise_v1_ListNodesRequest,
    requestDeserialize: deserialize_reprise_v1_ListNodesRequest,
    responseSerialize: serialize_reprise_v1_ListNodesResponse,
    responseDeserialize: deserialize_reprise_v1_ListNodesResponse,
  },
  // The members of a channel, on all nodes.
  listMembers: {
    path: '/reprise.v1.Admin/ListMembers',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListMembersRequest,
    responseType: reprise_v1_admin_pb.ListMembersResponse,
    requestSerialize: serialize_reprise_v1_ListMembersRequest,
    requestDeserialize: deserialize_reprise_v1_ListMembersRequest,
    responseSerialize: serialize_reprise_v1_ListMembersResponse,
    responseDeserialize: deserialize_reprise_v1_ListMembersResponse,
  },
  // Sends the sessions of this node elsewhere, one after the other, and stops the node. Yields progress; the last one
  // is `done`.
  drain: {
    path: '/reprise.v1.Admin/Drain',
    requestStream: false,
    responseStream: true,
    requestType: reprise_v1_admin_pb.DrainRequest,
    responseType: reprise_v1_admin_pb.DrainProgress,
    requestSerialize: serialize_reprise_v1_DrainRequest,
    requestDeserialize: deserialize_reprise_v1_DrainRequest,
    responseSerialize: serialize_reprise_v1_DrainProgress,
    responseDeserialize: deserialize_reprise_v1_DrainProgress,
  },
  // Ends a session of this node (P-53). NOT_FOUND if it is none of its sessions.
  disconnectSession: {
    path: '/reprise.v1.Admin/DisconnectSession',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.DisconnectSessionRequest,
    responseType: reprise_v1_admin_pb.DisconnectSessionResponse,
    requestSerialize: serialize_reprise_v1_DisconnectSessionRequest,
    requestDeserialize: deserialize_reprise_v1_DisconnectSessionRequest,
    responseSerialize: serialize_reprise_v1_DisconnectSessionResponse,
    responseDeserialize: deserialize_reprise_v1_DisconnectSessionResponse,
  },
  // The subscriptions of this node that are behind, those first whose next message has waited longest.
  listSlowSubscribers: {
    path: '/reprise.v1.Admin/ListSlowSubscribers',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListSlowSubscribersRequest,
    responseType: reprise_v1_admin_pb.ListSlowSubscribersResponse,
    requestSerialize: serialize_reprise_v1_ListSlowSubscribersRequest,
    requestDeserialize: deserialize_reprise_v1_ListSlowSubscribersRequest,
    responseSerialize: serialize_reprise_v1_ListSlowSubscribersResponse,
    responseDeserialize: deserialize_reprise_v1_ListSlowSubscribersResponse,
  },
  // Removes what a channel holds before an offset (P-54). NOT_FOUND if the channel does not exist.
  trimChannel: {
    path: '/reprise.v1.Admin/TrimChannel',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.TrimChannelRequest,
    responseType: reprise_v1_admin_pb.ChannelInfo,
    requestSerialize: serialize_reprise_v1_TrimChannelRequest,
    requestDeserialize: deserialize_reprise_v1_TrimChannelRequest,
    responseSerialize: serialize_reprise_v1_ChannelInfo,
    responseDeserialize: deserialize_reprise_v1_ChannelInfo,
  },
  // Removes a channel whole (P-55). NOT_FOUND if it does not exist.
  deleteChannel: {
    path: '/reprise.v1.Admin/DeleteChannel',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.DeleteChannelRequest,
    responseType: reprise_v1_admin_pb.DeleteChannelResponse,
    requestSerialize: serialize_reprise_v1_DeleteChannelRequest,
    requestDeserialize: deserialize_reprise_v1_DeleteChannelRequest,
    responseSerialize: serialize_reprise_v1_DeleteChannelResponse,
    responseDeserialize: deserialize_reprise_v1_DeleteChannelResponse,
  },
  // The rules of retention that were set at run time (P-56).
  listRetention: {
    path: '/reprise.v1.Admin/ListRetention',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListRetentionRequest,
    responseType: reprise_v1_admin_pb.RetentionRules,
    requestSerialize: serialize_reprise_v1_ListRetentionRequest,
    requestDeserialize: deserialize_reprise_v1_ListRetentionRequest,
    responseSerialize: serialize_reprise_v1_RetentionRules,
    responseDeserialize: deserialize_reprise_v1_RetentionRules,
  },
  // Sets one of them, for all nodes that share the store, or takes it away.
  setRetention: {
    path: '/reprise.v1.Admin/SetRetention',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.SetRetentionRequest,
    responseType: reprise_v1_admin_pb.RetentionRules,
    requestSerialize: serialize_reprise_v1_SetRetentionRequest,
    requestDeserialize: deserialize_reprise_v1_SetRetentionRequest,
    responseSerialize: serialize_reprise_v1_RetentionRules,
    responseDeserialize: deserialize_reprise_v1_RetentionRules,
  },
  // What the node remembers of sessions and channels (P-57).
  listEvents: {
    path: '/reprise.v1.Admin/ListEvents',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.ListEventsRequest,
    responseType: reprise_v1_admin_pb.ListEventsResponse,
    requestSerialize: serialize_reprise_v1_ListEventsRequest,
    requestDeserialize: deserialize_reprise_v1_ListEventsRequest,
    responseSerialize: serialize_reprise_v1_ListEventsResponse,
    responseDeserialize: deserialize_reprise_v1_ListEventsResponse,
  },
  // What this node is doing, for whoever asks again and again.
  getActivity: {
    path: '/reprise.v1.Admin/GetActivity',
    requestStream: false,
    responseStream: false,
    requestType: reprise_v1_admin_pb.GetActivityRequest,
    responseType: reprise_v1_admin_pb.GetActivityResponse,
    requestSerialize: serialize_reprise_v1_GetActivityRequest,
    requestDeserialize: deserialize_reprise_v1_GetActivityRequest,
    responseSerialize: serialize_reprise_v1_GetActivityResponse,
    responseDeserialize: deserialize_reprise_v1_GetActivityResponse,
  },
};

exports.AdminClient = grpc.makeGenericClientConstructor(AdminService);
