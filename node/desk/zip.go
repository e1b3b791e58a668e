package desk

import (
	"archive/zip"
	"io"
	"time"
)

// Zip writes files into one archive: the same bytes for the same files.
func Zip(w io.Writer, files []EvidenceFile) error {
	archive := zip.NewWriter(w)
	for _, f := range files {
		if err := AddZip(archive, f, zip.Deflate); err != nil {
			return err
		}
	}
	return archive.Close()
}

// AddZip adds a file to an archive, packed by a method of zip. Its date says nothing of the file, which tells its
// moments itself, and is the first that the format has: without any it would be a day 0 of a month 0, which other
// programs call damaged.
func AddZip(archive *zip.Writer, f EvidenceFile, method uint16) error {
	first := time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
	part, err := archive.CreateHeader(&zip.FileHeader{Name: f.Name, Method: method, Modified: first})
	if err == nil {
		_, err = part.Write(f.Data)
	}
	return err
}
