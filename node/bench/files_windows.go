package bench

// descriptors is how many files and connections this process may have open: Windows sets no limit.
func descriptors() int { return manyFiles }
