// GENERATED CODE -- DO NOT EDIT!

// Original file comments:
// What an operator asks a node.
'use strict';
var grpc = require('@grpc/grpc-js');
var reprise_v1_admin_pb = require('../../reprise/v1/admin_pb.js');

function serialize_reprise_v1_ChannelInfo(arg) {
  if (!(arg instanceof reprise_v1_admin_pb.ChannelInfo)) {
    throw new Error('Expected argument of type reprise.v1.ChannelInfo');
  }
  return Buffer.from(arg.serializeBinary());
}

function deserialize_reprise_v1_ChannelInfo(buffer_arg) {
  return reprise_v1_admin_pb.ChannelInfo.deserializeBinary(new Uint8Array(buffer_arg));
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
};

exports.AdminClient = grpc.makeGenericClientConstructor(AdminService);
