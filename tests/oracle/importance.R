# What R makes of the drivers of an overall note: relative weights (Johnson 2000) by the singular values of the weighted
# drivers, R² by lm(), and the average of a driver's gain over all orders of entry (Lindeman, Merenda and Gold 1980).
#   Rscript importance.R DATA_FOLDER RESULTS_FOLDER
arguments <- commandArgs(trailingOnly = TRUE)
rows <- read.csv(file.path(arguments[1], "importance.csv"))
drivers <- grep("^D", names(rows), value = TRUE)
w <- rows$poids / sum(rows$poids)
standard <- function(x) { x <- x - sum(w * x); sqrt(w) * x / sqrt(sum(w * x^2)) }
X <- vapply(rows[drivers], standard, numeric(nrow(rows)))
y <- standard(rows$G)

s <- svd(X)
Z <- s$u %*% t(s$v) # the orthonormal columns nearest to X
part <- as.vector(t(crossprod(Z, X)^2) %*% crossprod(Z, y)^2)

r2 <- function(set) {
  if (!length(set)) return(0)
  summary(lm(reformulate(set, "G"), data = rows, weights = poids))$r.squared
}
orders <- function(set) {
  if (length(set) < 2) return(list(set))
  do.call(c, lapply(set, function(first) lapply(orders(setdiff(set, first)), function(rest) c(first, rest))))
}
every <- orders(drivers)
lmg <- vapply(drivers, function(d) mean(vapply(every, function(o) {
  before <- o[seq_len(match(d, o) - 1)]
  r2(c(before, d)) - r2(before)
}, 0)), 0)

out <- data.frame(pilote = drivers, part = part, lmg = unname(lmg), r2 = r2(drivers))
out[-1] <- lapply(out[-1], function(x) sprintf("%.17g", x))
write.csv(out, file.path(arguments[2], "importance.csv"), row.names = FALSE, quote = FALSE, eol = "\n")
