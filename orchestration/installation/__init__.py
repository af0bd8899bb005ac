"""An installation as a whole, for those who keep it without its authors: saved, restored, said to be sound or not."""
