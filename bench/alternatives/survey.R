# Satisfaction by question and segment with R's `survey`, the design-based standard: what counts and estimates replace.
#   Rscript survey.R PROGRAMME RESULT SECONDS
# Stops when SECONDS are over and says how many of the questions were done. The result: question, axis, segment, mean, SE.
suppressPackageStartupMessages(library(survey))
options(survey.lonely.psu = "certainty", stringsAsFactors = FALSE)
arguments <- commandArgs(trailingOnly = TRUE)
root <- arguments[1]
deadline <- as.numeric(arguments[3])
table_of <- function(name) read.csv(file.path(root, "reference", paste0(name, ".csv")), colClasses = "character")

files <- Sys.glob(file.path(root, "landing", "*", "*.csv"))
people <- do.call(rbind, lapply(files, function(path) {
  cbind(organisme = sub("\\.csv$", "", basename(path)), read.csv(path, sep = ";", colClasses = "character"))
}))
people$strate <- paste(people$organisme, paste(people$qpv, people$type_construction, sep = "."))
plan <- table_of("plan_sondage")
population <- setNames(as.numeric(plan$population), paste(plan$organisme_code, plan$strate))
people$population <- population[people$strate]
people$poids <- people$population / ave(rep(1, nrow(people)), people$strate, FUN = sum)
scales <- setNames(table_of("echelles")$type, table_of("echelles")$echelle)
questions <- table_of("questions")
questions <- questions[questions$question_code %in% names(people) & scales[questions$echelle] == "unique", ]
options <- table_of("modalites")
axes <- setdiff(table_of("axes")$axe, "ensemble")
people$ensemble <- "tous"
people[axes][people[axes] == ""] <- "NR"

started <- proc.time()[["elapsed"]]
found <- list()
done <- 0
for (i in seq_len(nrow(questions))) {
  known <- options[options$echelle == questions$echelle[i] & options$statut_reponse == "exprime", ]
  people$y <- as.numeric(people[[questions$question_code[i]]] %in% known$modalite_code[known$est_satisfait == "oui"])
  people$expressed <- people[[questions$question_code[i]]] %in% known$modalite_code
  design <- svydesign(ids = ~1, strata = ~strate, weights = ~poids, fpc = ~population, data = people)
  domain <- subset(design, expressed)
  for (axis in c("ensemble", axes)) {
    by <- svyby(~y, as.formula(paste0("~", axis)), domain, svymean)
    found[[length(found) + 1]] <- data.frame(questions$question_code[i], axis, by[[1]], by$y, by$se)
  }
  done <- done + 1
  if (proc.time()[["elapsed"]] - started > deadline) break
}
write.csv(do.call(rbind, found), arguments[2], row.names = FALSE)
cat(done, nrow(questions), proc.time()[["elapsed"]] - started, "\n")
