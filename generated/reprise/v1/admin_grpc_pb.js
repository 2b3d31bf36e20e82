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
};

exports.AdminClient = grpc.makeGenericClientConstructor(AdminService);
