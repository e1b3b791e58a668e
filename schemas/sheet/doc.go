// Package sheet reads and writes spreadsheets: XLSX and CSV.
//
// Words: a form is a sheet that people fill in, a row a record; its second line names the
// field of each column, so that heads may be in any language and columns in any order. A
// table is what people and programs take away, with the tags of HXL where they are asked
// for. A fault names the cell that is wrong, and the mend.
//
// What is read comes from anywhere: it is held to bounds before it is unpacked, formulas
// count by the value that lies in the file and are never worked out, and nothing that is
// written can be taken for a formula.
package sheet
