package lang

import "io/fs"

// Read gives the catalogues of a folder as [New] gives those of the program.
func Read(from fs.FS) (*Catalogue, error) { return readAll(from) }
