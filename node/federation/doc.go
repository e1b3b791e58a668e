// Package federation runs many real nodes in one process.
//
// A [Network] is nodes with their own archives, keys and NATS servers, joined by
// invitation and linked over loopback through [Line]s that can be cut and healed. The
// demonstration and the simulations run it.
//
// The room is longer than others: demonstration, stories, simulation and their proofs
// share one Network.
package federation
