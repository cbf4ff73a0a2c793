'use strict';

// Each person sends their own token from their own address: limits by user and
// by address stay on, and see many of both.
module.exports = {
  callAsThatPerson(requestParams, context, events, done) {
    requestParams.headers = {...requestParams.headers, authorization: `Bearer ${context.vars.token}`};
    requestParams.localAddress = context.vars.address;
    return done();
  },
};
