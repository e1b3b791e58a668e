package bus

// descriptors: Windows has no bound of its own.
func descriptors() int { return 2 * MaxConnections }
