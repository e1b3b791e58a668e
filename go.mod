module github.com/vardar-network/vardar

go 1.26
