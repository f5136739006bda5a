"""An invented market of any size, to measure with: the catalogue's templates, the vocabulary's skills, Zipf's words."""
