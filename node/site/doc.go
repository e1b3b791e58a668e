// Package site keeps an institution's own places and what lies in them: how many can be there
// by day and by night, how many are, which services there are, and every movement of goods.
//
// Words: a site is a place of the institution with a code that records name it by; a movement
// is one delivery, in or out, of one or several goods; goods are a type in a unit; what is left
// is the sum of all movements, never below zero.
//
// It is this node's own book and no record: nobody else is told of it. What others are told is
// a capacity record, which the desk drafts from here and a person sends.
package site
